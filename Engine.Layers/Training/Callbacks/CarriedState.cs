using Engine.Core;

namespace Engine.Layers;

/// <summary>The state of recurrent layers that goes on from batch to batch, over the rows of <see cref="ContiguousBatches"/>: truncated backpropagation through time.
/// Gradients stop at a batch's beginning, numbers do not.</summary>
/// <remarks><para>A trainer's <see cref="Trainer.Compute"/> begins at <see cref="Begin"/> and tells <see cref="GoOn"/> where it ended, and this is among the
/// callbacks: epochs and validations then begin at zeros, and checkpoints hold the state, so that a run goes on to the same bits.</para>
/// <para>Source: Williams and Peng 1990, "An efficient gradient-based algorithm for on-line training of recurrent network trajectories".</para></remarks>
public sealed class CarriedState : Callback
{
    private readonly Buffer hidden;
    private readonly Buffer? cell;

    /// <summary>A state of zeros.</summary>
    /// <param name="like">One of the shapes and on the device that it has; the numbers do not count.</param>
    public CarriedState(RecurrentState like)
    {
        ArgumentNullException.ThrowIfNull(like);
        hidden = new Buffer("hidden", Tensor.Zeros(like.Hidden.Shape, like.Hidden.Device));
        if (like.Cell is not null) cell = new Buffer("cell", Tensor.Zeros(like.Cell.Shape, like.Cell.Device));
    }

    /// <summary>Where the next batch begins: a copy, which the batch's graph may keep.</summary>
    public RecurrentState Begin()
    {
        using var noGrad = NoGrad.Begin();
        return new RecurrentState(hidden.Value.Clone(), cell?.Value.Clone());
    }

    /// <summary>Where a batch ended.</summary>
    /// <exception cref="ShapeException">The state is of another shape.</exception>
    /// <exception cref="ArgumentException">It has a cell and this has none, or the other way round.</exception>
    public void GoOn(RecurrentState last)
    {
        ArgumentNullException.ThrowIfNull(last);
        if (last.Cell is null != cell is null) throw new ArgumentException($"The state {(last.Cell is null ? "has no cell, and the one carried has" : "has a cell, and the one carried has none")}. Carry one of the same layer.", nameof(last));
        hidden.CopyFrom(last.Hidden);
        cell?.CopyFrom(last.Cell!);
    }

    /// <summary>Goes back to zeros.</summary>
    public void Reset()
    {
        foreach (var (_, buffer) in Tensors) buffer.CopyFrom(new float[buffer.Shape.Count]);
    }

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, Buffer>> Tensors
    {
        get
        {
            yield return new("hidden", hidden);
            if (cell is not null) yield return new("cell", cell);
        }
    }

    /// <inheritdoc/>
    public override void BeforeEpoch(TrainingRun run)
    {
        if (run.Batch == 0) Reset();
    }

    /// <inheritdoc/>
    public override void BeforeValidation(TrainingRun run) => Reset();
}
