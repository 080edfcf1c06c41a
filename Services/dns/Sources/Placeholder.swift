enum P_dns {}
