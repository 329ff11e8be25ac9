using Engine.Kernels;

namespace Engine.Core;

/// <summary>The targets of a connectionist temporal classification, read to the host and found to be right.</summary>
internal sealed class CtcTargets
{
    private CtcTargets(int[] inputLengths, int[] lengths, int[] labels, CtcSizes sizes, bool zeroInfinity)
        => (InputLengths, Lengths, Labels, Sizes, ZeroInfinity) = (inputLengths, lengths, labels, sizes, zeroInfinity);

    public int[] InputLengths { get; }

    /// <summary>How many labels each target has.</summary>
    public int[] Lengths { get; }

    /// <summary>All labels, one target after another.</summary>
    public int[] Labels { get; }

    public CtcSizes Sizes { get; }

    public bool ZeroInfinity { get; }

    /// <summary>As the kernels take them: a row an example, its steps, its number of labels, the labels.</summary>
    public int[] Rows()
    {
        var rows = new int[Sizes.N * Sizes.TargetLength];
        for (int n = 0, from = 0; n < Sizes.N; from += Lengths[n++])
        {
            var row = rows.AsSpan(n * Sizes.TargetLength, Sizes.TargetLength);
            (row[0], row[1]) = (InputLengths[n], Lengths[n]);
            Labels.AsSpan(from, Lengths[n]).CopyTo(row[2..]);
        }
        return rows;
    }

    public static CtcTargets Read(Tensor logits, Tensor targets, int[]? inputLengths, int[]? targetLengths, int blank, bool zeroInfinity)
    {
        ArgumentNullException.ThrowIfNull(targets);
        if (logits.Rank != 3)
            throw new ShapeException($"CtcLoss: the logits {logits.Describe()} must be (N, T, C), the batch first. Transpose(0, 1) makes that of (T, N, C).");
        if (targets.DType != DType.Int32) throw new DTypeException($"CtcLoss: the targets {targets.Describe()} are {targets.DType}, and it takes Int32. Cast them.");
        var (n, steps, classes) = (logits.Shape[0], logits.Shape[1], logits.Shape[2]);
        if (blank < 0 || blank >= classes) throw new ArgumentOutOfRangeException(nameof(blank), blank, $"The blank is one of the classes of the logits {logits.Describe()}, 0..{classes - 1}.");
        RequireLengths(inputLengths, n, 1, steps, "input");
        if (inputLengths is null && steps == 0 && n > 0) throw new ShapeException($"CtcLoss: the logits {logits.Describe()} have no steps. Give each example one at least.");
        var (labels, lengths) = Split(targets, targetLengths, n, blank);
        var read = new CtcTargets(inputLengths is null ? [.. Enumerable.Repeat(steps, n)] : [.. inputLengths], lengths, labels,
            new CtcSizes(n, steps, classes, lengths.Append(0).Max(), blank), zeroInfinity);
        for (int i = 0, from = 0; i < n; from += lengths[i++]) read.Require(i, labels.AsSpan(from, lengths[i]));
        return read;
    }

    private static (int[] Labels, int[] Lengths) Split(Tensor targets, int[]? lengths, int n, int blank)
    {
        if (targets.Rank == 1 && lengths is not null)
        {
            RequireLengths(lengths, n, 0, targets.Count, "target");
            if (lengths.Sum(length => (long)length) != targets.Count)
                throw new ShapeException($"CtcLoss: the target lengths add up to {lengths.Sum(length => (long)length)}, and there are {targets.Count} labels in {targets.Describe()}. Give all targets one after another, without padding.");
            return (targets.ToArray<int>(), [.. lengths]);
        }
        if (targets.Rank != 2 || targets.Shape[0] != n)
            throw new ShapeException($"CtcLoss: the targets {targets.Describe()} must be ({n}, S), a row for each example, or all labels one after another together with targetLengths.");
        int[] all = targets.ToArray<int>();
        int width = targets.Shape[1];
        RequireLengths(lengths, n, 0, width, "target");
        lengths = lengths is null ? [.. Enumerable.Range(0, n).Select(i => Unpadded(i, all.AsSpan(i * width, width), blank))] : [.. lengths];
        return ([.. lengths.SelectMany((length, i) => all[(i * width)..(i * width + length)])], lengths);
    }

    /// <summary>How many labels stand before the padding, which is the blank or negative.</summary>
    private static int Unpadded(int example, ReadOnlySpan<int> row, int blank)
    {
        int length = 0;
        while (length < row.Length && row[length] >= 0 && row[length] != blank) length++;
        for (int i = length; i < row.Length; i++)
            if (row[i] >= 0 && row[i] != blank)
                throw new IndexException($"CtcLoss: the target of row {example} has {row[length]} at position {length}, which is padding, and the label {row[i]} behind it at {i}. Labels stand first in a row; none is the blank, {blank}, or negative.");
        return length;
    }

    private static void RequireLengths(int[]? lengths, int n, int least, int most, string of)
    {
        if (lengths is null) return;
        if (lengths.Length != n) throw new ShapeException($"CtcLoss: there are {lengths.Length} {of} lengths for {n} examples. Give one for each.");
        int bad = Array.FindIndex(lengths, length => length < least || length > most);
        if (bad >= 0)
            throw new SequenceException($"CtcLoss: the {of} length of row {bad} is {lengths[bad]}, and must be in {least}..{most}. Count the {(of == "input" ? "steps that the model made of it" : "labels without padding")}.", bad);
    }

    /// <summary>Refuses labels that are none, and a target that its input cannot say.</summary>
    private void Require(int example, ReadOnlySpan<int> labels)
    {
        int repeats = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] < 0 || labels[i] >= Sizes.C || labels[i] == Sizes.Blank)
                throw new IndexException($"CtcLoss: the target of row {example} has the label {labels[i]} at position {i}, and labels are 0..{Sizes.C - 1} without the blank, {Sizes.Blank}. Leave blanks out of targets, and give the logits a class for each label and one for the blank.");
            if (i > 0 && labels[i] == labels[i - 1]) repeats++;
        }
        if (labels.Length + repeats <= InputLengths[example] || ZeroInfinity) return;
        string needs = repeats == 0 ? $"{labels.Length} labels" : $"{labels.Length} labels, and {repeats} blanks between equal ones";
        throw new SequenceException($"CtcLoss: the target of row {example} needs {labels.Length + repeats} steps, for {needs}, and its input has {InputLengths[example]}. Pool over fewer steps, leave the example out, or let zeroInfinity pass over such.", example);
    }
}
