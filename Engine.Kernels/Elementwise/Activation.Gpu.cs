namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    /// <summary>f(x), where a kernel ends with an activation.</summary>
    internal static float Activate(float x, int activation)
    {
        if (activation == (int)Activation.Relu) return Relu.Forward(x, 0f, 0f);
        if (activation == (int)Activation.Gelu) return Gelu.Forward(x, 0f, 0f);
        if (activation == (int)Activation.Sigmoid) return Sigmoid.Forward(x, 0f, 0f);
        if (activation == (int)Activation.Tanh) return Tanh.Forward(x, 0f, 0f);
        if (activation == (int)Activation.Silu) return Silu.Forward(x, 0f, 0f);
        if (activation == (int)Activation.GeluTanh) return GeluTanh.Forward(x, 0f, 0f);
        return x;
    }
}
