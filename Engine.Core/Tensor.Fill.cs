using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>A tensor of zeros.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="device">Where; the processor unless said otherwise.</param>
    /// <param name="dtype">Float32, Int32 or UInt8.</param>
    public static Tensor Zeros(Shape shape, Device? device = null, DType dtype = DType.Float32) => Full(shape, 0, device, dtype);

    /// <summary>A tensor of ones.</summary>
    /// <inheritdoc cref="Zeros"/>
    public static Tensor Ones(Shape shape, Device? device = null, DType dtype = DType.Float32) => Full(shape, 1, device, dtype);

    /// <summary>A tensor of one number repeated.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="value">The number.</param>
    /// <param name="device">Where; the processor unless said otherwise.</param>
    /// <param name="dtype">Float32, Int32 or UInt8.</param>
    /// <exception cref="ArgumentOutOfRangeException">An integer type does not hold the value.</exception>
    public static Tensor Full(Shape shape, double value, Device? device = null, DType dtype = DType.Float32)
    {
        var y = Empty(shape, device ?? Device.Cpu, dtype, nameof(Full));
        y.Device.Fill(y.View, value);
        return y;
    }

    /// <summary>Numbers drawn evenly from [low, high).</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="rng">Where the numbers come from: the same on every device, but for the rounding of a float.</param>
    /// <param name="low">The least number.</param>
    /// <param name="high">What the numbers stay below.</param>
    /// <param name="device">Where; the processor unless said otherwise.</param>
    public static Tensor Uniform(Shape shape, Rng rng, double low = 0, double high = 1, Device? device = null)
    {
        var y = Empty(shape, device ?? Device.Cpu, op: nameof(Uniform));
        y.Device.FillUniform(y.View, rng.Seed, rng.Take(shape.Count), low, high);
        return y;
    }

    /// <summary>Numbers drawn from a normal distribution.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="rng">Where the numbers come from: the same on every device, but for the rounding of a float.</param>
    /// <param name="mean">The mean.</param>
    /// <param name="deviation">The standard deviation.</param>
    /// <param name="device">Where; the processor unless said otherwise.</param>
    /// <remarks>Source: Box and Muller 1958; see <see cref="Device.FillNormal"/>.</remarks>
    public static Tensor Normal(Shape shape, Rng rng, double mean = 0, double deviation = 1, Device? device = null)
    {
        var y = Empty(shape, device ?? Device.Cpu, op: nameof(Normal));
        y.Device.FillNormal(y.View, rng.Seed, rng.Take(shape.Count), mean, deviation);
        return y;
    }

    /// <summary>The numbers 0, 1, …, count − 1.</summary>
    /// <param name="count">How many.</param>
    /// <param name="device">Where; the processor unless said otherwise.</param>
    /// <param name="dtype">Float32, Int32 or UInt8.</param>
    /// <returns>(count).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An integer type does not hold the last number.</exception>
    public static Tensor Arange(int count, Device? device = null, DType dtype = DType.Float32)
    {
        var y = Empty([count], device ?? Device.Cpu, dtype, nameof(Arange));
        y.Device.FillArange(y.View);
        return y;
    }
}
