enum P_controlgateway {}
