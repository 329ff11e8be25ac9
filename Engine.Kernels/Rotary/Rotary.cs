namespace Engine.Kernels;

/// <summary>x is (Batch, Steps, Heads, Width), row-major.</summary>
/// <param name="Batch">Sequences.</param>
/// <param name="Steps">Steps of each.</param>
/// <param name="Heads">Heads of a step.</param>
/// <param name="Width">Numbers of a head, even.</param>
/// <param name="First">The position of the first step: its row of the table.</param>
/// <param name="Halves">Pairs are (i, i + Width/2); else neighbours, (2i, 2i + 1).</param>
public readonly record struct RotarySizes(int Batch, int Steps, int Heads, int Width, int First, bool Halves)
{
    /// <summary>How many numbers there are.</summary>
    public int Count => Batch * Steps * Heads * Width;
}

public abstract partial class Device
{
    /// <summary>Turns each pair (a, b) of a head by its angle θ at the step's position: (a cos θ − b sin θ, b cos θ + a sin θ).</summary>
    /// <param name="x">Float32, (Batch, Steps, Heads, Width).</param>
    /// <param name="table">Float32, (positions, Width): for each position the cosines of its Width/2 angles, then their sines.</param>
    /// <param name="y">As x; may be x itself.</param>
    /// <param name="sizes">The sizes.</param>
    /// <param name="inverse">Turn back, by −θ.</param>
    public void Rotary(View x, View table, View y, RotarySizes sizes, bool inverse)
    {
        Check(x, DType.Float32, sizes.Count);
        Check(table, DType.Float32);
        Check(y, DType.Float32, sizes.Count);
        if (sizes.Width % 2 != 0) throw new ArgumentException($"Rotary: {sizes} has an odd width, and pairs need an even one.", nameof(sizes));
        if (sizes.First < 0 || (sizes.First + (long)sizes.Steps) * sizes.Width > table.Length)
            throw new ArgumentException($"Rotary: {sizes} reaches past the table's {table.Length} numbers.", nameof(sizes));
        if (y.Length > 0) RotaryCore(x, table, y, sizes, inverse);
        Done(nameof(Rotary), x, table, y);
    }

    private protected abstract void RotaryCore(View x, View table, View y, RotarySizes sizes, bool inverse);
}
