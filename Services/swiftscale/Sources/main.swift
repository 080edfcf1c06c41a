print("swiftscale")
