namespace Engine.Kernels;

/// <summary>The rows of one step: sequence b's is First + b·Stride, for b below Count.</summary>
/// <param name="Count">Sequences that have this step: the first ones.</param>
/// <param name="First">The row of sequence 0.</param>
/// <param name="Stride">From one sequence's row to the next one's; at least 1.</param>
public readonly record struct StepRows(int Count, int First, int Stride)
{
    /// <summary>The row of a sequence.</summary>
    public int this[int b] => First + b * Stride;
}

/// <summary>Which rows of a (Rows, C) tensor are which steps of which sequences.</summary>
public sealed class SequenceLayout
{
    private readonly int[]? offsets;                                // of a packed one: where each step's rows begin, and where the last one's end

    private SequenceLayout(int batch, int steps, int[]? offsets) => (Batch, Steps, this.offsets) = (batch, steps, offsets);

    /// <summary>Sequences that all have as many steps. Step t of sequence b is row b·steps + t: a tensor (batch, steps, C), seen as rows.</summary>
    /// <param name="batch">Sequences; 0 is fine.</param>
    /// <param name="steps">Steps, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch is negative, or there is no step.</exception>
    public static SequenceLayout Padded(int batch, int steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        if (steps < 1) throw new ArgumentOutOfRangeException(nameof(steps), steps, "A sequence has at least one step: there is no last state of none. Leave empty ones out.");
        _ = checked(batch * steps);
        return new SequenceLayout(batch, steps, null);
    }

    /// <summary>Sequences of different length, step after step: first the first step of each, then the second of each that has one, and so on, as in
    /// PyTorch's PackedSequence. No row is empty, so none costs anything.</summary>
    /// <param name="lengths">Steps of each sequence, the longest first, none below 1.</param>
    /// <exception cref="ArgumentException">There are none, a sequence is longer than the one before it, or has no step.</exception>
    public static SequenceLayout Packed(params ReadOnlySpan<int> lengths)
    {
        if (lengths.IsEmpty) throw new ArgumentException("A packed batch has at least one sequence.", nameof(lengths));
        for (int b = 0; b < lengths.Length; b++)
        {
            if (lengths[b] < 1) throw new ArgumentException($"Sequence {b} has length {lengths[b]}, and the least is 1. Leave empty ones out.", nameof(lengths));
            if (b > 0 && lengths[b] > lengths[b - 1])
                throw new ArgumentException($"Sequence {b} has length {lengths[b]}, and the one before it {lengths[b - 1]}. Sort them, the longest first.", nameof(lengths));
        }
        var offsets = new int[lengths[0] + 1];
        int count = lengths.Length;
        for (int t = 0; t < lengths[0]; t++)
        {
            while (lengths[count - 1] <= t) count--;
            offsets[t + 1] = checked(offsets[t] + count);
        }
        return new SequenceLayout(lengths.Length, lengths[0], offsets);
    }

    /// <summary>Sequences.</summary>
    public int Batch { get; }

    /// <summary>Steps of the longest sequence.</summary>
    public int Steps { get; }

    /// <summary>Rows of the tensor: the steps of all sequences together.</summary>
    public int Rows => offsets is null ? Batch * Steps : offsets[^1];

    /// <summary>Whether the rows lie step by step, as <see cref="Packed"/> has them.</summary>
    public bool IsPacked => offsets is not null;

    /// <summary>How many sequences have step <paramref name="t"/>.</summary>
    public int Count(int t) => Step(t).Count;

    /// <summary>The row of step <paramref name="t"/> of sequence <paramref name="b"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sequence, or it has no such step.</exception>
    public int Row(int b, int t)
    {
        var rows = Step(t);
        if ((uint)b >= (uint)rows.Count) throw new ArgumentOutOfRangeException(nameof(b), b, $"Step {t} has {rows.Count} sequences.");
        return rows[b];
    }

    /// <summary>The rows of step <paramref name="t"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step.</exception>
    public StepRows Step(int t)
    {
        if ((uint)t >= (uint)Steps) throw new ArgumentOutOfRangeException(nameof(t), t, $"There are {Steps} steps.");
        return offsets is null ? new StepRows(Batch, t, Steps) : new StepRows(offsets[t + 1] - offsets[t], offsets[t], 1);
    }

    /// <summary>The rows of the step that is walked before step <paramref name="t"/>; none before the first.</summary>
    internal StepRows Before(int t, bool reverse)
    {
        int before = reverse ? t + 1 : t - 1;
        return (uint)before < (uint)Steps ? Step(before) : default;
    }

    /// <summary>The steps in the order in which they are walked.</summary>
    internal int Walked(int index, bool reverse) => reverse ? Steps - 1 - index : index;

    /// <inheritdoc/>
    public override string ToString() => $"{Batch} sequences of {(IsPacked ? "up to " : "")}{Steps} steps, {Rows} rows";
}
