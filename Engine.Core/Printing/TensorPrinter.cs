using System.Text;
using Engine.Kernels;

namespace Engine.Core;

/// <summary>Writes a tensor's numbers as NumPy does: brackets an axis, columns aligned, the middle of a large axis left out.</summary>
internal static class TensorPrinter
{
    /// <summary>The most numbers that are shown in full.</summary>
    private const int MostShown = 1000;

    /// <summary>Shown from each end of an axis that is not shown in full.</summary>
    private const int Edge = 3;

    /// <summary>Where a row is broken.</summary>
    private const int LineWidth = 100;

    public static string Print(Tensor x)
    {
        var text = new StringBuilder($"{x.Describe()} {x.DType} on {x.Device.Name}{(x.RequiresGrad ? ", with grad" : "")}");
        if (!x.Storage.IsAlive) return text.Append(", given back").ToString();
        if (x.Count == 0) return text.ToString();
        var shown = Shown(x);
        var words = NumberFormat.Format(Read(x, shown), x.DType.IsFloat());
        int width = words.Max(word => word.Length), next = 0;
        text.Append('\n');
        Write(0);
        return text.ToString();

        void Write(int axis)
        {
            if (axis == x.Rank)
            {
                text.Append(words[next++].PadLeft(width));
                return;
            }
            text.Append('[');
            bool innermost = axis == x.Rank - 1;
            string separator = innermost ? ", " : "," + new string('\n', x.Rank - 1 - axis) + new string(' ', axis + 1);
            int line = axis + 1;
            for (int i = 0; i < shown[axis].Length; i++)
            {
                if (i > 0) text.Append(separator);
                int at = shown[axis][i];
                if (innermost && i > 0 && (line += width + 2) + width > LineWidth)
                {
                    text.Length--;                                  // the separator's space
                    text.Append('\n').Append(' ', axis + 1);
                    line = axis + 1;
                }
                if (at < 0) text.Append("...");
                else Write(axis + 1);
            }
            text.Append(']');
        }
    }

    /// <summary>The indices shown of each axis; −1 stands for those left out.</summary>
    private static int[][] Shown(Tensor x)
    {
        var shown = new int[x.Rank][];
        for (int axis = 0; axis < x.Rank; axis++)
        {
            int size = x.Shape.Sizes[axis];
            shown[axis] = x.Count <= MostShown || size <= 2 * Edge
                ? [.. Enumerable.Range(0, size)]
                : [.. Enumerable.Range(0, Edge), -1, .. Enumerable.Range(size - Edge, Edge)];
        }
        return shown;
    }

    /// <summary>The numbers shown, in order; a tensor of millions is not copied whole.</summary>
    private static double[] Read(Tensor x, int[][] shown)
    {
        if (x.Count <= MostShown) return Numbers(x, 0, x.Count);
        var numbers = new List<double>();
        Walk(0, 0);
        return [.. numbers];

        void Walk(int axis, int offset)
        {
            int stride = x.Shape.Product(axis + 1, x.Rank);
            if (axis < x.Rank - 1)
            {
                foreach (int i in shown[axis])
                    if (i >= 0) Walk(axis + 1, offset + i * stride);
                return;
            }
            int size = x.Shape.Sizes[axis];
            if (size == shown[axis].Length)
            {
                numbers.AddRange(Numbers(x, offset, size));
                return;
            }
            numbers.AddRange(Numbers(x, offset, Edge));
            numbers.AddRange(Numbers(x, offset + size - Edge, Edge));
        }
    }

    private static double[] Numbers(Tensor x, int offset, int count)
    {
        var part = x.Share(offset, new Shape(count));
        var numbers = x.DType switch
        {
            DType.Float32 => part.ToArray<double>(),
            DType.Int32 => Array.ConvertAll(part.ToArray<int>(), v => (double)v),
            DType.UInt8 => Array.ConvertAll(part.ToArray<byte>(), v => (double)v),
            DType.Int8 => Array.ConvertAll(part.ToArray<sbyte>(), v => (double)v),
            DType.Float16 => Array.ConvertAll(part.ToArray<Half>(), v => (double)v),
            _ => Array.ConvertAll(part.ToArray<ushort>(), v => (double)BFloat16.ToSingle(v)),
        };
        part.Storage.Release("printing");                           // what Share counted
        return numbers;
    }
}
