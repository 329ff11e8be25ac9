using Engine.Core;

namespace Engine.Layers;

/// <summary>The share of labels that <see cref="CtcDecoder.Greedy"/> reads right: 1 − the edits that make its labels the targets / the targets' labels.
/// Too many labels read can bring it below 0.</summary>
/// <param name="blank">The class that means no label; a target ends where it or a negative number first stands.</param>
/// <param name="lengthsAfter">The steps of the model's outputs, of inputs with so many, <see cref="Layer.LengthsAfter"/> of the model for one: for batches
/// with <see cref="Batch.Lengths"/>, whose padding is not read; as many unless given.</param>
/// <remarks>1 − the label error rate of Graves, Fernández, Gomez and Schmidhuber 2006, doi:10.1145/1143844.1143891. Outputs are (N, T, C), targets (N, S).</remarks>
public sealed class CtcAccuracy(int blank = 0, Func<int[], int[]?>? lengthsAfter = null) : Metric
{
    private long edits, labels;

    /// <inheritdoc/>
    public override string Name => "accuracy";

    /// <inheritdoc/>
    public override double Value => 1 - (double)edits / labels;

    /// <inheritdoc/>
    public override double[] State
    {
        get => [edits, labels];
        set => (edits, labels) = ((long)value[0], (long)value[1]);
    }

    /// <inheritdoc/>
    public override void Reset() => edits = labels = 0;

    /// <inheritdoc/>
    public override void Add(Tensor outputs, Tensor targets) => Add(outputs, targets, null);

    /// <inheritdoc/>
    public override void Add(Tensor outputs, Batch batch)
        => Add(outputs, batch.Targets, batch.Lengths is { } lengths && lengthsAfter is not null ? lengthsAfter(lengths) : batch.Lengths);

    private void Add(Tensor outputs, Tensor targets, int[]? lengths)
    {
        ArgumentNullException.ThrowIfNull(targets);
        var read = CtcDecoder.Greedy(outputs, lengths, blank);
        if (targets.Rank != 2 || targets.Shape[0] != read.Length) throw Mismatch(outputs, targets, "the targets must be (N, S), a row for each output");
        int[] all = targets.ToArray<int>();
        for (int n = 0; n < read.Length; n++)
        {
            int[] target = [.. all.Skip(n * targets.Shape[1]).Take(targets.Shape[1]).TakeWhile(label => label >= 0 && label != blank)];
            edits += EditDistance.Between([.. read[n].Labels], target);
            labels += target.Length;
        }
    }
}
