using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>One number that says how good predictions are, gathered batch by batch.</summary>
/// <remarks>A metric of one's own overrides these five; it sees tensors and may read them to the host.</remarks>
public abstract class Metric
{
    /// <summary>What histories and logs call it, "accuracy".</summary>
    public abstract string Name { get; }

    /// <summary>What it is over all that was added; NaN before anything was.</summary>
    public abstract double Value { get; }

    /// <summary>Whether more is better; a monitor looks for the largest then, else for the smallest.</summary>
    public virtual bool HigherIsBetter => true;

    /// <summary>What was gathered, as numbers: a checkpoint in mid-epoch saves and restores it.</summary>
    public abstract double[] State { get; set; }

    /// <summary>Adds a batch.</summary>
    /// <param name="outputs">What the model made.</param>
    /// <param name="targets">What it should have made.</param>
    /// <exception cref="ShapeException">The two do not fit each other.</exception>
    public abstract void Add(Tensor outputs, Tensor targets);

    /// <summary>Adds a batch, as <see cref="Trainer"/> does; one that looks at more of it than the targets, as the inputs' lengths, overrides this, too.</summary>
    /// <inheritdoc cref="Add(Tensor, Tensor)"/>
    /// <param name="outputs">What the model made.</param>
    /// <param name="batch">What it was made of, and should have been.</param>
    public virtual void Add(Tensor outputs, Batch batch) => Add(outputs, batch.Targets);

    /// <summary>Forgets what was added.</summary>
    public abstract void Reset();

    /// <summary>Numbers of any float or integer type, in the host's memory.</summary>
    private protected static float[] Floats(Tensor x) => (x.DType == DType.Float32 ? x : x.Cast(DType.Float32)).ToArray();

    /// <summary>Refuses targets that are not as many as the outputs.</summary>
    private protected ShapeException Mismatch(Tensor outputs, Tensor targets, string wanted)
        => new($"{Name}: outputs {outputs.Shape} and targets {targets.Shape} do not fit: {wanted}.");
}
