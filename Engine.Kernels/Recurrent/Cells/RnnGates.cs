using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>The plain recurrent unit: h' = F(x + u), with x and u the input's and the state's share, biases within, and F a function whose derivative
/// reads its output, as tanh and relu are.</summary>
/// <remarks>Source: Elman 1990, Finding Structure in Time, Cognitive Science 14(2).</remarks>
internal readonly struct RnnGates<F> : IRecurrentCell where F : struct, IUnaryFunction
{
    /// <inheritdoc/>
    public static string Name => "RnnCell" + F.Name;
    /// <inheritdoc/>
    public static int Gates => 1;
    /// <inheritdoc/>
    public static bool HasCellState => false;
    /// <inheritdoc/>
    public static bool KeepsGates => false;
    /// <inheritdoc/>
    public static bool SplitsLastGate => false;

    /// <inheritdoc/>
    public static void Forward(ref Gates<double> x, Gates<double> u, ref double h, ref double c) => h = F.Forward(x.A + u.A, 0, 0);

    /// <inheritdoc/>
    public static Gates<double> Backward(Gates<double> x, double h, double c, double hBefore, double cBefore, ref double dh, ref double dc, ref double duLast)
    {
        Gates<double> dx = new(dh * F.Derivative(h, 0, 0), 0, 0, 0);
        dh = 0;
        return dx;
    }

    /// <inheritdoc/>
    public static void Forward(ref Gates<float> x, Gates<float> u, ref float h, ref float c) => h = F.Forward(x.A + u.A, 0f, 0f);

    /// <inheritdoc/>
    public static Gates<float> Backward(Gates<float> x, float h, float c, float hBefore, float cBefore, ref float dh, ref float dc, ref float duLast)
    {
        Gates<float> dx = new(dh * F.Derivative(h, 0f, 0f), 0f, 0f, 0f);
        dh = 0f;
        return dx;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward(ref Gates<Vector512<float>> x, Gates<Vector512<float>> u, ref Vector512<float> h, ref Vector512<float> c)
        => h = F.Forward(x.A + u.A, 0, 0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Gates<Vector512<float>> Backward(Gates<Vector512<float>> x, Vector512<float> h, Vector512<float> c, Vector512<float> hBefore,
        Vector512<float> cBefore, ref Vector512<float> dh, ref Vector512<float> dc, ref Vector512<float> duLast)
    {
        Gates<Vector512<float>> dx = new(dh * F.Derivative(h, 0, 0), default, default, default);
        dh = Vector512<float>.Zero;
        return dx;
    }
}
