namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    /// <summary>f(x), where a kernel ends with an activation.</summary>
    private static double Activate(double x, Activation activation) => activation switch
    {
        Activation.Relu => Relu.Forward(x, 0, 0),
        Activation.Gelu => Gelu.Forward(x, 0, 0),
        Activation.Sigmoid => Sigmoid.Forward(x, 0, 0),
        Activation.Tanh => Tanh.Forward(x, 0, 0),
        Activation.Silu => Silu.Forward(x, 0, 0),
        Activation.GeluTanh => GeluTanh.Forward(x, 0, 0),
        _ => x,
    };
}
