export { type QosClass, qosClass } from "../../api/scheduling/qos-class.ts";
