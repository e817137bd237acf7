def write(r,p): pass
