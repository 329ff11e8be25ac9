namespace Engine.Kernels;

public abstract partial class Device
{
    /// <summary>y = x as numbers of another type.</summary>
    /// <param name="x">Any type.</param>
    /// <param name="y">Another type, as long as x; one of the two is Float32.</param>
    /// <remarks>To Int32, UInt8 and Int8: the fraction is dropped, what is beyond the range becomes its nearest end, and NaN becomes 0. To
    /// Float16 and BFloat16, and from a large Int32 to Float32: rounded to nearest, ties to even; too large for Float16 becomes ±∞; NaN stays NaN.</remarks>
    /// <exception cref="DTypeException">Neither or both of the types are Float32.</exception>
    public void Cast(View x, View y)
    {
        Mine(x, nameof(Cast), nameof(x));
        Mine(y, nameof(Cast), nameof(y));
        if ((x.DType == DType.Float32) == (y.DType == DType.Float32))
            throw new DTypeException($"Cast: from {x.DType} to {y.DType}: one of the two must be Float32. Cast by way of it.");
        if (y.Length != x.Length) throw new ArgumentException($"Cast: x has {x.Length} numbers and y {y.Length}.", nameof(y));
        if (y.Length > 0) CastCore(x, y);
        Done(nameof(Cast), x, y);
    }

    private protected abstract void CastCore(View x, View y);
}
