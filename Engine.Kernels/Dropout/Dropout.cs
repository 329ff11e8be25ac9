namespace Engine.Kernels;

public abstract partial class Device
{
    /// <summary>y[i] = x[i] / (1 − p) where word <paramref name="position"/> + i of a Philox stream keeps it, else 0. The same call on the gradient of
    /// y gives that of x: the mask is drawn again, never kept.</summary>
    /// <param name="x">Float32.</param>
    /// <param name="y">Float32, as long as x; may be x itself.</param>
    /// <param name="p">The share dropped, in [0, 1), to the nearest 2⁻²⁴ above.</param>
    /// <param name="key">The stream.</param>
    /// <param name="position">The first word; a multiple of 4.</param>
    /// <remarks>A number is kept where the upper 24 bits of its word are at least p·2²⁴: a compare of integers, the same on every device. Source:
    /// Srivastava et al. 2014, "Dropout", with the scale at training time.</remarks>
    public void Dropout(View x, View y, double p, ulong key, ulong position)
    {
        Check(x, DType.Float32);
        Check(y, DType.Float32, x.Length);
        CheckRandom(y, nameof(Dropout), position);
        if (!(p >= 0 && p < 1)) throw new ArgumentOutOfRangeException(nameof(p), p, "Dropout: the share dropped lies in [0, 1).");
        if (y.Length > 0) DropoutCore(x, y, (uint)Math.Ceiling(p * (1 << 24)), 1 / (1 - p), key, position >> 2);
        Done(nameof(Dropout), x, y);
    }

    private protected abstract void DropoutCore(View x, View y, uint least, double scale, ulong key, ulong block);
}
