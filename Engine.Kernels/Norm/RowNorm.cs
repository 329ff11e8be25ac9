namespace Engine.Kernels;

/// <summary>x is (Rows, Channels, Space), row-major. The rows of one example are its groups: row r has channels r % Groups · Channels and on, of
/// Groups · Channels in all.</summary>
/// <param name="Rows">How many rows, a multiple of Groups.</param>
/// <param name="Channels">Channels of a row.</param>
/// <param name="Groups">Rows of an example: 1 unless channels are cut into groups.</param>
/// <param name="Space">Positions of a channel.</param>
public readonly record struct RowNormSizes(int Rows, int Channels, int Groups = 1, int Space = 1)
{
    /// <summary>Numbers of a row.</summary>
    public int Columns => Channels * Space;

    /// <summary>How many numbers there are.</summary>
    public int Count => Rows * Columns;

    /// <summary>Channels of an example: numbers of the weight.</summary>
    public int AllChannels => Groups * Channels;
}

/// <summary>x̂ = (x − Mean) · Scale for each row, then multiplied by Weight for each channel.</summary>
/// <param name="Weight">Float32, (AllChannels), or nothing: 1.</param>
/// <param name="Mean">Float32, (Rows), or nothing: rows keep their mean.</param>
/// <param name="Scale">Float32, (Rows): 1 / √(variance + ε), or without a mean 1 / √(Σ x² / n + ε).</param>
public readonly record struct RowNorm(View? Weight, View? Mean, View Scale);

public abstract partial class Device
{
    /// <summary>y = x̂ · weight + bias, each row normalised by itself; or that of x + residual.</summary>
    /// <param name="x">Float32, (Rows, Channels, Space).</param>
    /// <param name="residual">As x, added to it first; or nothing.</param>
    /// <param name="sum">As x, where x + residual is written: given where the residual is. It may be y itself where nobody reads it.</param>
    /// <param name="y">As x.</param>
    /// <param name="norm">The weight; the means, where it has them, and the scales are written.</param>
    /// <param name="bias">Float32, (AllChannels), or nothing: 0.</param>
    /// <param name="sizes">The sizes.</param>
    /// <param name="epsilon">Keeps the root away from 0.</param>
    public void RowNormForward(View x, View? residual, View? sum, View y, RowNorm norm, View? bias, RowNormSizes sizes, double epsilon)
    {
        Check(x, DType.Float32, sizes.Count);
        if (residual is { } r) Check(r, DType.Float32, sizes.Count);
        if (sum is { } s) Check(s, DType.Float32, sizes.Count);
        if (residual is null != sum is null) throw new ArgumentException("RowNormForward: the residual and the sum go together.", nameof(sum));
        Check(y, DType.Float32, sizes.Count);
        Check(norm, sizes);
        if (bias is { } b) Check(b, DType.Float32, sizes.AllChannels);
        if (y.Length > 0) RowNormForwardCore(x, residual, sum, y, norm, bias, sizes, epsilon);
        Done(nameof(RowNormForward), x, y, residual ?? default, sum ?? default, norm.Weight ?? default, norm.Mean ?? default, norm.Scale, bias ?? default);
    }

    /// <summary>With g = dy · weight: dx = Scale · (g − Σ g / n − x̂ · Σ g x̂ / n), without the middle term where rows keep their mean; and over all
    /// rows of each channel dweight = Σ dy · x̂ and dbias = Σ dy.</summary>
    /// <param name="x">Float32, (Rows, Channels, Space): what was normalised, the residual within.</param>
    /// <param name="dy">As x.</param>
    /// <param name="norm">As forward left it.</param>
    /// <param name="dx">As x, or nothing where it is not wanted.</param>
    /// <param name="dweight">Float32, (AllChannels), likewise.</param>
    /// <param name="dbias">Float32, (AllChannels), likewise.</param>
    /// <param name="sizes">The sizes.</param>
    public void RowNormBackward(View x, View dy, RowNorm norm, View? dx, View? dweight, View? dbias, RowNormSizes sizes)
    {
        Check(x, DType.Float32, sizes.Count);
        Check(dy, DType.Float32, sizes.Count);
        Check(norm, sizes);
        if (dx is { } d) Check(d, DType.Float32, sizes.Count);
        if (dweight is { } w) Check(w, DType.Float32, sizes.AllChannels);
        if (dbias is { } b) Check(b, DType.Float32, sizes.AllChannels);
        if (x.Length > 0)
        {
            RowNormBackwardCore(x, dy, norm, dx, dweight, dbias, sizes);
        }
        else
        {
            if (dweight is { } none) Fill(none, 0);
            if (dbias is { } nothing) Fill(nothing, 0);
        }
        Done(nameof(RowNormBackward), x, dy, norm.Weight ?? default, norm.Mean ?? default, norm.Scale, dx ?? default, dweight ?? default, dbias ?? default);
    }

    private void Check(RowNorm norm, RowNormSizes sizes)
    {
        if (norm.Weight is { } weight) Check(weight, DType.Float32, sizes.AllChannels);
        if (norm.Mean is { } mean) Check(mean, DType.Float32, sizes.Rows);
        Check(norm.Scale, DType.Float32, sizes.Rows);
    }

    private protected abstract void RowNormForwardCore(View x, View? residual, View? sum, View y, RowNorm norm, View? bias, RowNormSizes sizes, double epsilon);

    private protected abstract void RowNormBackwardCore(View x, View dy, RowNorm norm, View? dx, View? dweight, View? dbias, RowNormSizes sizes);
}
