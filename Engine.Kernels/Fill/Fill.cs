namespace Engine.Kernels;

public abstract partial class Device
{
    /// <summary>y[i] = value.</summary>
    /// <param name="y">Float32, Int32 or UInt8.</param>
    /// <param name="value">Within the type's range; an integer type drops the fraction.</param>
    /// <exception cref="ArgumentOutOfRangeException">An integer type does not hold the value.</exception>
    public void Fill(View y, double value)
    {
        CheckFill(y, nameof(Fill), value, value, nameof(value));
        if (y.Length > 0) FillCore(y, value);
        Done(nameof(Fill), y);
    }

    /// <summary>y[i] = start + i · step.</summary>
    /// <param name="y">Float32, Int32 or UInt8.</param>
    /// <param name="start">The first number; whole for an integer type.</param>
    /// <param name="step">From one number to the next; whole for an integer type.</param>
    /// <exception cref="ArgumentOutOfRangeException">An integer type does not hold the first or the last number.</exception>
    public void FillArange(View y, double start = 0, double step = 1)
    {
        CheckFill(y, nameof(FillArange), start, start + Math.Max(0, y.Length - 1) * step, nameof(step));
        if (y.Length > 0) FillArangeCore(y, start, step);
        Done(nameof(FillArange), y);
    }

    /// <summary>y[i] = low + (high − low) · u[i], u[i] in [0, 1) from word <paramref name="position"/> + i of a Philox stream.</summary>
    /// <param name="y">Float32.</param>
    /// <param name="key">The stream.</param>
    /// <param name="position">The first word; a multiple of 4.</param>
    /// <param name="low">The least number.</param>
    /// <param name="high">What the numbers stay below, but for the rounding of a float.</param>
    public void FillUniform(View y, ulong key, ulong position, double low, double high)
    {
        CheckRandom(y, nameof(FillUniform), position);
        if (y.Length > 0) FillUniformCore(y, key, position >> 2, low, high);
        Done(nameof(FillUniform), y);
    }

    /// <summary>y[i] = mean + deviation · z[i], z normal. Words 4j..4j+3 of the stream from <paramref name="position"/> on make numbers 4j..4j+3.</summary>
    /// <param name="y">Float32.</param>
    /// <param name="key">The stream.</param>
    /// <param name="position">The first word; a multiple of 4.</param>
    /// <param name="mean">The mean.</param>
    /// <param name="deviation">The standard deviation.</param>
    /// <remarks>z₀ = √(−2 ln u₀) cos 2πu₁ and z₁ = √(−2 ln u₀) sin 2πu₁, u₀ in (0, 1] and u₁ in [0, 1) with 24 bits each, so |z| ≤ 5.77.
    /// Source: Box and Muller 1958, doi:10.1214/aoms/1177706645.</remarks>
    public void FillNormal(View y, ulong key, ulong position, double mean, double deviation)
    {
        CheckRandom(y, nameof(FillNormal), position);
        if (y.Length > 0) FillNormalCore(y, key, position >> 2, mean, deviation);
        Done(nameof(FillNormal), y);
    }

    private protected abstract void FillCore(View y, double value);

    private protected abstract void FillArangeCore(View y, double start, double step);

    private protected abstract void FillUniformCore(View y, ulong key, ulong block, double low, double high);

    private protected abstract void FillNormalCore(View y, ulong key, ulong block, double mean, double deviation);

    private void CheckFill(View y, string kernel, double first, double last, string argument)
    {
        Mine(y, kernel, nameof(y));
        var (least, most) = y.DType switch
        {
            DType.Float32 => (double.NegativeInfinity, double.PositiveInfinity),
            DType.Int32 => (int.MinValue, int.MaxValue),
            DType.UInt8 => (byte.MinValue, byte.MaxValue),
            _ => throw new DTypeException($"{kernel}: y is {y.DType}, and the kernel makes Float32, Int32 and UInt8. Cast it after."),
        };
        if (y.DType != DType.Float32 && !(first >= least && first <= most && last >= least && last <= most))
            throw new ArgumentOutOfRangeException(argument, $"{kernel}: the numbers from {first} to {last} do not fit {y.DType}, which holds {least} to {most}.");
    }

    private void CheckRandom(View y, string kernel, ulong position)
    {
        Mine(y, kernel, nameof(y));
        if (y.DType != DType.Float32) throw new DTypeException($"{kernel}: y is {y.DType}, and the kernel makes Float32. Cast it after.");
        if ((position & 3) != 0) throw new ArgumentException($"{kernel}: word {position} is not the first of a block of four.", nameof(position));
    }
}
