namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    /// <summary>y[i] = f(y[i]) on this thread, while the numbers are in its cache.</summary>
    internal static void Activate(float* y, int count, Activation activation)
    {
        switch (activation)
        {
            case Activation.Relu: UnaryLoop<Relu>(y, y, 0, count, 0, 0); break;
            case Activation.Gelu: UnaryLoop<Gelu>(y, y, 0, count, 0, 0); break;
            case Activation.Sigmoid: UnaryLoop<Sigmoid>(y, y, 0, count, 0, 0); break;
            case Activation.Tanh: UnaryLoop<Tanh>(y, y, 0, count, 0, 0); break;
            case Activation.Silu: UnaryLoop<Silu>(y, y, 0, count, 0, 0); break;
            case Activation.GeluTanh: UnaryLoop<GeluTanh>(y, y, 0, count, 0, 0); break;
        }
    }
}
