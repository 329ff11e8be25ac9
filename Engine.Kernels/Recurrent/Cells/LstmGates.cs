using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>Long short-term memory. With x_ and u_ the input's and the state's share of each gate, biases within:
/// i = σ(x_i + u_i) what enters, f = σ(x_f + u_f) what stays, g = tanh(x_g + u_g) the candidate, o = σ(x_o + u_o) what shows;
/// c' = f·c + i·g, and h' = o·tanh c'.</summary>
/// <remarks>Source: Hochreiter and Schmidhuber 1997, Neural Computation 9(8); the forget gate: Gers, Schmidhuber and Cummins 2000, Neural
/// Computation 12(10). The gates' order i, f, g, o is PyTorch's and Keras'.</remarks>
internal readonly struct LstmGates : IRecurrentCell
{
    /// <inheritdoc/>
    public static string Name => "LstmCell";
    /// <inheritdoc/>
    public static int Gates => 4;
    /// <inheritdoc/>
    public static bool HasCellState => true;
    /// <inheritdoc/>
    public static bool KeepsGates => true;
    /// <inheritdoc/>
    public static bool SplitsLastGate => false;

    /// <inheritdoc/>
    public static void Forward(ref Gates<double> x, Gates<double> u, ref double h, ref double c)
    {
        double i = Sigmoid.Forward(x.A + u.A, 0, 0), f = Sigmoid.Forward(x.B + u.B, 0, 0), g = Math.Tanh(x.C + u.C), o = Sigmoid.Forward(x.D + u.D, 0, 0);
        c = f * c + i * g;
        h = o * Math.Tanh(c);
        x = new(i, f, g, o);
    }

    /// <inheritdoc/>
    public static Gates<double> Backward(Gates<double> x, double h, double c, double hBefore, double cBefore, ref double dh, ref double dc, ref double duLast)
    {
        var (i, f, g, o) = x;
        double t = Math.Tanh(c);
        double dct = dc + dh * o * (1 - t * t);
        Gates<double> dx = new(dct * g * i * (1 - i), dct * cBefore * f * (1 - f), dct * i * (1 - g * g), dh * t * o * (1 - o));
        dc = dct * f;
        dh = 0;
        return dx;
    }

    /// <inheritdoc/>
    public static void Forward(ref Gates<float> x, Gates<float> u, ref float h, ref float c)
    {
        float i = FloatMath.Sigmoid(x.A + u.A), f = FloatMath.Sigmoid(x.B + u.B), g = FloatMath.Tanh(x.C + u.C), o = FloatMath.Sigmoid(x.D + u.D);
        c = f * c + i * g;
        h = o * FloatMath.Tanh(c);
        x = new(i, f, g, o);
    }

    /// <inheritdoc/>
    public static Gates<float> Backward(Gates<float> x, float h, float c, float hBefore, float cBefore, ref float dh, ref float dc, ref float duLast)
    {
        float i = x.A, f = x.B, g = x.C, o = x.D, t = FloatMath.Tanh(c);
        float dct = dc + dh * o * (1f - t * t);
        Gates<float> dx = new(dct * g * i * (1f - i), dct * cBefore * f * (1f - f), dct * i * (1f - g * g), dh * t * o * (1f - o));
        dc = dct * f;
        dh = 0f;
        return dx;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward(ref Gates<Vector512<float>> x, Gates<Vector512<float>> u, ref Vector512<float> h, ref Vector512<float> c)
    {
        Vector512<float> i = VectorMath.Sigmoid(x.A + u.A), f = VectorMath.Sigmoid(x.B + u.B), g = VectorMath.Tanh(x.C + u.C), o = VectorMath.Sigmoid(x.D + u.D);
        c = f * c + i * g;
        h = o * VectorMath.Tanh(c);
        x = new(i, f, g, o);
    }

    /// <summary>An o below it, perhaps 0, is no divisor; it passes on next to nothing.</summary>
    private const float LeastShown = 1e-30f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Gates<Vector512<float>> Backward(Gates<Vector512<float>> x, Vector512<float> h, Vector512<float> c, Vector512<float> hBefore,
        Vector512<float> cBefore, ref Vector512<float> dh, ref Vector512<float> dc, ref Vector512<float> duLast)
    {
        // o·tanh c is h, so that o(1 − tanh² c) is o − h²/o: a quotient for an exponential.
        Vector512<float> i = x.A, f = x.B, g = x.C, o = x.D, one = Vector512<float>.One;
        var dct = dc + dh * (o - h * VectorMath.Quotient(h, Vector512.Max(o, Vector512.Create(LeastShown))));
        Gates<Vector512<float>> dx = new(dct * g * i * (one - i), dct * cBefore * f * (one - f), dct * i * (one - g * g), dh * h * (one - o));
        dc = dct * f;
        dh = Vector512<float>.Zero;
        return dx;
    }
}
