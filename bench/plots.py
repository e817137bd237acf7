def write_all(r,p): pass
