using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Vaswani's table of positions: row p has sin(p / 10000^(2i/width)) in column 2i, and the cosine of the same in column 2i + 1.</summary>
    /// <param name="length">Positions.</param>
    /// <param name="width">Columns.</param>
    /// <param name="device">The processor unless given.</param>
    /// <param name="first">The position of the first row.</param>
    /// <returns>(length, width), computed in double precision.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    /// <remarks>Source: Vaswani and others 2017, arXiv:1706.03762, section 3.5.</remarks>
    public static Tensor SinusoidalPositions(int length, int width, Device? device = null, int first = 0)
    {
        RequireTable(length, width, first);
        var table = new double[length * width];
        for (int p = 0; p < length; p++)
            for (int column = 0; column < width; column++)
            {
                double angle = (first + (double)p) * Math.Pow(10000, -(column / 2 * 2) / (double)width);
                table[p * width + column] = column % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle);
            }
        return From(table, [length, width], device);
    }

    /// <summary>The table that <see cref="Rotary(int, Tensor, int, bool)"/> turns by: row p has the cosines of the angles p / baseFrequency^(2i/width), i from 0
    /// to width/2 − 1, and then their sines.</summary>
    /// <param name="length">Positions.</param>
    /// <param name="width">Numbers of a head, even.</param>
    /// <param name="baseFrequency">What the slowest pair's period grows with.</param>
    /// <param name="device">The processor unless given.</param>
    /// <param name="first">The position of the first row.</param>
    /// <returns>(length, width), computed in double precision.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative, or baseFrequency is not positive and finite.</exception>
    /// <exception cref="ShapeException">The width is odd.</exception>
    public static Tensor RotaryTable(int length, int width, double baseFrequency = 10000, Device? device = null, int first = 0)
    {
        RequireTable(length, width, first);
        if (!(baseFrequency > 0 && double.IsFinite(baseFrequency))) throw new ArgumentOutOfRangeException(nameof(baseFrequency), baseFrequency, "It is positive and finite; 10000 is usual.");
        if (width % 2 != 0) throw new ShapeException($"RotaryTable: heads of {width} numbers do not fall into pairs. Give them an even width.");
        var table = new double[length * width];
        for (int i = 0; i < width / 2; i++)
        {
            double frequency = Math.Pow(baseFrequency, -2 * i / (double)width);
            for (int p = 0; p < length; p++)
                (table[p * width + width / 2 + i], table[p * width + i]) = Math.SinCos((first + (double)p) * frequency);
        }
        return From(table, [length, width], device);
    }

    private static void RequireTable(int length, int width, int first)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
    }
}
