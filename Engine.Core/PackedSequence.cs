using Engine.Kernels;

namespace Engine.Core;

/// <summary>Sequences of different lengths without their padding: the first step of each, then the second of each that has one, and so on, the longest
/// sequence first. Steps past a sequence's end are not there, so they cost nothing.</summary>
/// <remarks>Users see their own order of the sequences; the order of the rows within is <see cref="Layout"/>'s.</remarks>
public sealed class PackedSequence
{
    private readonly int[] lengths;
    private readonly int[] order;
    private readonly int[] places;                                  // of each row in the padded (B·T, …)

    private PackedSequence(Tensor rows, SequenceLayout layout, int[] lengths, int[] order, int steps, int[] places)
        => (Rows, Layout, this.lengths, this.order, Steps, this.places) = (rows, layout, lengths, order, steps, places);

    /// <summary>The steps that there are, (sum of the lengths, …).</summary>
    public Tensor Rows { get; }

    /// <summary>Which row is which step of which sequence, the longest sequence being the first.</summary>
    public SequenceLayout Layout { get; }

    /// <summary>The lengths, in the order in which the sequences were given.</summary>
    public ReadOnlySpan<int> Lengths => lengths;

    /// <summary>How many sequences.</summary>
    public int Batch => lengths.Length;

    /// <summary>How many steps the padded batch has, the longest sequence's or more.</summary>
    public int Steps { get; }

    /// <summary>Takes the padding away.</summary>
    /// <param name="x">(B, T, …), each sequence's steps first, then whatever fills it up.</param>
    /// <param name="lengths">The steps of each, in 1..T, in any order.</param>
    /// <exception cref="ShapeException">x has no sequences or no axis of steps, or the lengths are not one for each sequence.</exception>
    /// <exception cref="SequenceException">A length is not in 1..T.</exception>
    /// <remarks>Gradient: of each step in its place, and 0 past a sequence's end.</remarks>
    public static PackedSequence Pack(Tensor x, params ReadOnlySpan<int> lengths)
    {
        ArgumentNullException.ThrowIfNull(x);
        Require(x, lengths);
        int batch = x.Shape[0], steps = x.Shape[1];
        int[] given = lengths.ToArray(), order = [.. Enumerable.Range(0, batch).OrderByDescending(b => given[b])];      // which keeps equals in order
        var layout = SequenceLayout.Packed(Array.ConvertAll(order, b => given[b]));
        var rows = new int[layout.Rows];
        for (int t = 0; t < layout.Steps; t++)
            for (int k = 0; k < layout.Count(t); k++) rows[layout.Row(k, t)] = order[k] * steps + t;
        return new PackedSequence(x.Reshape(Merged(x.Shape)).GatherRows(Tensor.From(rows, [rows.Length], x.Device)), layout, given, order, steps, rows);
    }

    /// <summary>Other numbers for the same steps: what a layer made of <see cref="Rows"/>.</summary>
    /// <param name="rows">One row a step, (sum of the lengths, …).</param>
    /// <exception cref="ShapeException">There are more rows or fewer.</exception>
    public PackedSequence With(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Rank == 0 || rows.Shape[0] != Layout.Rows) throw new ShapeException($"{rows.Describe()} has not one row for each of the {Layout.Rows} steps.");
        return new PackedSequence(rows, Layout, lengths, order, Steps, places);
    }

    /// <summary>The sequences one after another, filled up to the length that they were packed from.</summary>
    /// <param name="padding">What stands past a sequence's end.</param>
    /// <returns>(B, T, …), of the type of <see cref="Rows"/>.</returns>
    /// <remarks>Gradient: to each step from its place.</remarks>
    public Tensor Unpack(double padding = 0)
    {
        // Each step's row, and past a sequence's end a row behind them all.
        var from = new int[Batch * Steps];
        Array.Fill(from, Layout.Rows);
        for (int row = 0; row < places.Length; row++) from[places[row]] = row;
        var past = Tensor.Full([1, .. Rows.Shape.Sizes[1..]], padding, Rows.Device, Rows.DType);
        return Tensor.Concat([Rows, past]).GatherRows(Tensor.From(from, [Batch, Steps], Rows.Device), Layout.Rows);
    }

    /// <summary>What belongs to the sequences, in the layout's order instead of the user's: initial states, (B, …).</summary>
    public Tensor ToLayout(Tensor x) => Reorder(x, order);

    /// <summary>What belongs to the sequences, in the user's order instead of the layout's: last states, (B, …).</summary>
    public Tensor FromLayout(Tensor x)
    {
        var places = new int[Batch];
        for (int k = 0; k < places.Length; k++) places[order[k]] = k;
        return Reorder(x, places);
    }

    /// <summary>Refuses what is no batch of sequences with these lengths.</summary>
    internal static void Require(Tensor x, ReadOnlySpan<int> lengths)
    {
        if (x.Rank < 2) throw new ShapeException($"{x.Describe()} is no batch of sequences, (B, T, …).");
        if (x.Shape[0] == 0) throw new ShapeException($"The batch {x.Describe()} is empty: it has no row. Leave it out.");
        if (lengths.Length != x.Shape[0]) throw new ShapeException($"{lengths.Length} lengths were given for {x.Describe()}, which has {x.Shape[0]} sequences. Give one for each row of the batch.");
        for (int b = 0; b < lengths.Length; b++)
        {
            if (lengths[b] < 1) throw new SequenceException($"Row {b} of the batch has length {lengths[b]}, and a sequence has at least one step. Leave it out, or give it a step of padding.", b);
            if (lengths[b] > x.Shape[1]) throw new SequenceException($"Row {b} of the batch has length {lengths[b]}, and {x.Describe()} has {x.Shape[1]} steps. Cut the length where the steps were cut.", b);
        }
    }

    private static Tensor Reorder(Tensor x, int[] places)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Rank == 0 || x.Shape[0] != places.Length) throw new ShapeException($"{x.Describe()} has not one row for each of the {places.Length} sequences.");
        for (int i = 0; i < places.Length; i++)
            if (places[i] != i) return x.GatherRows(Tensor.From(places, [places.Length], x.Device));
        return x;
    }

    private static Shape Merged(Shape shape) => [shape[0] * shape[1], .. shape.Sizes[2..]];
}
