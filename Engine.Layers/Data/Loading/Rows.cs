using Engine.Core;

namespace Engine.Layers;

internal static class Rows
{
    /// <summary>Copies an example's numbers to its row of a batch.</summary>
    public static void Copy(ReadOnlySpan<float> from, Span<float> to, int row, Shape shape, string what)
    {
        if (from.Length != shape.Count)
            throw new ShapeException($"The {what} of the batch's example {row} has {from.Length} numbers, and {shape} has {shape.Count}. Give all the same size, or a collator that pads them.");
        from.CopyTo(to[(row * from.Length)..]);
    }
}
