using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>Gated recurrent unit. With x_ and u_ the input's and the state's share of each gate, biases within:
/// r = σ(x_r + u_r) what is reset, z = σ(x_z + u_z) what stays, n = tanh(x_n + r·u_n) the candidate, and h' = (1 − z)·n + z·h.</summary>
/// <remarks>Source: Cho et al. 2014, arXiv:1406.1078; the reset after the product with the weights, so that all of u is one product, is that of
/// cuDNN, PyTorch and Keras' <c>reset_after=True</c>. The order r, z, n is PyTorch's.</remarks>
internal readonly struct GruGates : IRecurrentCell
{
    /// <inheritdoc/>
    public static string Name => "GruCell";
    /// <inheritdoc/>
    public static int Gates => 3;
    /// <inheritdoc/>
    public static bool HasCellState => false;
    /// <inheritdoc/>
    public static bool KeepsGates => true;
    /// <inheritdoc/>
    public static bool SplitsLastGate => true;

    // c keeps u_n.
    /// <inheritdoc/>
    public static void Forward(ref Gates<double> x, Gates<double> u, ref double h, ref double c)
    {
        double r = Sigmoid.Forward(x.A + u.A, 0, 0), z = Sigmoid.Forward(x.B + u.B, 0, 0), n = Math.Tanh(x.C + r * u.C);
        h = (1 - z) * n + z * h;
        c = u.C;
        x = new(r, z, n, 0);
    }

    /// <inheritdoc/>
    public static Gates<double> Backward(Gates<double> x, double h, double c, double hBefore, double cBefore, ref double dh, ref double dc, ref double duLast)
    {
        var (r, z, n, _) = x;
        double dn = dh * (1 - z) * (1 - n * n);
        Gates<double> dx = new(dn * c * r * (1 - r), dh * (hBefore - n) * z * (1 - z), dn, 0);
        duLast = dn * r;
        dh *= z;
        return dx;
    }

    /// <inheritdoc/>
    public static void Forward(ref Gates<float> x, Gates<float> u, ref float h, ref float c)
    {
        float r = FloatMath.Sigmoid(x.A + u.A), z = FloatMath.Sigmoid(x.B + u.B), n = FloatMath.Tanh(x.C + r * u.C);
        h = (1f - z) * n + z * h;
        c = u.C;
        x = new(r, z, n, 0f);
    }

    /// <inheritdoc/>
    public static Gates<float> Backward(Gates<float> x, float h, float c, float hBefore, float cBefore, ref float dh, ref float dc, ref float duLast)
    {
        float r = x.A, z = x.B, n = x.C, dn = dh * (1f - z) * (1f - n * n);
        Gates<float> dx = new(dn * c * r * (1f - r), dh * (hBefore - n) * z * (1f - z), dn, 0f);
        duLast = dn * r;
        dh *= z;
        return dx;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward(ref Gates<Vector512<float>> x, Gates<Vector512<float>> u, ref Vector512<float> h, ref Vector512<float> c)
    {
        Vector512<float> r = VectorMath.Sigmoid(x.A + u.A), z = VectorMath.Sigmoid(x.B + u.B), n = VectorMath.Tanh(x.C + r * u.C);
        h = (Vector512<float>.One - z) * n + z * h;
        c = u.C;
        x = new(r, z, n, default);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Gates<Vector512<float>> Backward(Gates<Vector512<float>> x, Vector512<float> h, Vector512<float> c, Vector512<float> hBefore,
        Vector512<float> cBefore, ref Vector512<float> dh, ref Vector512<float> dc, ref Vector512<float> duLast)
    {
        Vector512<float> r = x.A, z = x.B, n = x.C, one = Vector512<float>.One, dn = dh * (one - z) * (one - n * n);
        Gates<Vector512<float>> dx = new(dn * c * r * (one - r), dh * (hBefore - n) * z * (one - z), dn, default);
        duLast = dn * r;
        dh *= z;
        return dx;
    }
}
