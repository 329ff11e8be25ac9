using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Attention masks as Hugging Face has them: 1 for a token, 0 for padding.</summary>
internal static class BertMask
{
    /// <summary>The pass and the mask that attention takes: where padding ends each row, lengths say it all.</summary>
    /// <param name="mask">(B, T), Int32 or UInt8; null for none.</param>
    /// <param name="ids">(B, T).</param>
    /// <param name="pass">The pass, with or without lengths; what they leave out is left out, too.</param>
    public static (Pass Pass, Tensor? Mask) Of(Tensor? mask, Tensor ids, Pass pass)
    {
        if (mask is null) return (pass, null);
        if (mask.Shape != ids.Shape) throw new ShapeException($"the attention mask {mask.Shape} must be {ids.Shape}, 1 for each token and 0 for padding.");
        int rows = ids.Shape[0], steps = ids.Shape[1];
        byte[] seen = Seen(mask);
        var lengths = new int[rows];
        bool atEnds = true;
        for (int i = 0; i < rows; i++)
        {
            var row = seen.AsSpan(i * steps, steps);
            int end = row.IndexOf((byte)0);
            lengths[i] = end < 0 ? steps : end;
            atEnds &= end < 0 || !row[end..].Contains((byte)1);
        }
        return atEnds && pass.Lengths is null
            ? (pass.WithLengths(lengths), null)
            : (pass, Tensor.From(seen, [rows, 1, 1, steps], ids.Device));
    }

    private static byte[] Seen(Tensor mask)
    {
        if (mask.DType is not (DType.Int32 or DType.UInt8)) throw new DTypeException($"the attention mask {mask.Shape} is {mask.DType}, and must be Int32 or UInt8. Cast it.");
        int[] numbers = mask.DType == DType.Int32 ? mask.ToArray<int>() : [.. mask.ToArray<byte>().Select(x => (int)x)];
        int bad = Array.FindIndex(numbers, x => x is not (0 or 1));
        if (bad >= 0) throw new ArgumentOutOfRangeException(nameof(mask), numbers[bad], $"The attention mask is 1 for a token and 0 for padding; it has this at row {bad / mask.Shape[1]}, position {bad % mask.Shape[1]}.");
        return [.. numbers.Select(x => (byte)x)];
    }
}
