using System.Buffers;
using Engine.Kernels;

namespace Engine.Core;

/// <summary>A table's gradient as the rows that are not 0: each once, with the sum of what arrived there. It outlives every scope until it is ended.</summary>
internal sealed class RowGradient
{
    private readonly Shape table;

    private RowGradient(Shape table, Tensor indices, Tensor values) => (this.table, Indices, Values) = (table, indices.Outlive(), values.Outlive());

    /// <summary>Which rows: Int32, (U), no two alike, in the order in which they first came.</summary>
    public Tensor Indices { get; }

    /// <summary>Their numbers, (U, …).</summary>
    public Tensor Values { get; }

    /// <summary>Adds up rows by their indices, in the order of the indices: the bits are those of a dense gradient.</summary>
    /// <param name="table">The shape of the table, (V, …).</param>
    /// <param name="indices">Int32, N of any shape; the host reads them.</param>
    /// <param name="rows">As many rows, (N, …).</param>
    /// <param name="skip">An index that does not count; −1 for none.</param>
    public static RowGradient Sum(Shape table, Tensor indices, Tensor rows, int skip = -1)
    {
        var device = rows.Device;
        using var scope = device.Scope(nameof(RowGradient));
        int[] positions = indices.ToArray<int>(), touched = Distinct(positions, table.Sizes[0], skip);
        // What is skipped is sent to a row behind the others, and left out there.
        int count = touched.Length, columns = table.Product(1, table.Rank);
        Tensor at = Tensor.From(positions, [positions.Length], device), sums = Tensor.Zeros([count + 1, .. table.Sizes[1..]], device);
        device.ScatterAddRows(rows.View, at.View, sums.View, new RowSizes(count + 1, columns, positions.Length, count));
        return new RowGradient(table, Tensor.From(touched, [count], device), sums.Share(0, [count, .. table.Sizes[1..]]));
    }

    /// <summary>This and another gradient of the same table; both end.</summary>
    public RowGradient Plus(RowGradient other)
    {
        using var noGrad = NoGrad.Begin();
        using var scope = Values.Device.Scope(nameof(RowGradient));
        var sum = Sum(table, Tensor.Concat([Indices, other.Indices]), Tensor.Concat([Values, other.Values]));
        End(nameof(Plus));
        other.End(nameof(Plus));
        return sum;
    }

    /// <summary>The whole table, zeros where no row is.</summary>
    public Tensor Dense()
    {
        var dense = Tensor.Zeros(table, Values.Device);
        AddTo(dense);
        return dense;
    }

    /// <summary>Adds the rows to a gradient of the whole table, in place.</summary>
    public void AddTo(Tensor dense)
        => dense.Device.ScatterAddRows(Values.View, Indices.View, dense.View, new RowSizes(table.Sizes[0], table.Product(1, table.Rank), Indices.Count));

    /// <summary>Gives the memory back.</summary>
    public void End(string by)
    {
        Indices.EndStorage(by);
        Values.EndStorage(by);
    }

    /// <summary>The different indices, in the order in which they first come. In the indices' place stand then their positions among these, or
    /// behind them all what is skipped.</summary>
    /// <remarks>What the rented array held before counts for nothing: a row has a position only where that position among the distinct ones is the
    /// row's. So it costs as the indices do, not as the table. Source: Briggs and Torczon 1993, doi:10.1145/176454.176484.</remarks>
    private static int[] Distinct(Span<int> indices, int rows, int skip)
    {
        int[] places = ArrayPool<int>.Shared.Rent(rows);
        var distinct = new List<int>();
        foreach (ref int index in indices)
        {
            if (index == skip)
            {
                index = -1;
                continue;
            }
            int place = places[index];
            if ((uint)place >= (uint)distinct.Count || distinct[place] != index)
            {
                place = places[index] = distinct.Count;
                distinct.Add(index);
            }
            index = place;
        }
        indices.Replace(-1, distinct.Count);
        ArrayPool<int>.Shared.Return(places);
        return [.. distinct];
    }
}
