using Engine.Kernels;

namespace Engine.Core;

/// <summary>Changes tensors in place: parameters by optimizers, averages and running statistics by the layers that own them. A backward pass
/// that saved the old numbers says so instead of using the new ones.</summary>
/// <remarks>Only a tensor that no op made may change, and no graph records it. All tensors of a call have one shape and one device.</remarks>
/// <exception cref="ShapeException">Shapes differ.</exception>
/// <exception cref="GraphException">The tensor to change was made by an op.</exception>
public static partial class InPlace
{
    /// <summary>A step of stochastic gradient descent. With momentum v ← momentum · v + d and w ← w − rate · v, or for Nesterov's
    /// w ← w − rate · (d + momentum · v), where d = grad + weightDecay · w; without, w ← w − rate · d.</summary>
    /// <param name="w">The parameter.</param>
    /// <param name="grad">Its gradient.</param>
    /// <param name="velocity">v, zeros before the first step; null where the momentum is 0.</param>
    /// <param name="learningRate">The rate.</param>
    /// <param name="momentum">What stays of the velocity, in [0, 1).</param>
    /// <param name="weightDecay">The L2 penalty's factor.</param>
    /// <param name="nesterov">Nesterov's form of momentum.</param>
    /// <exception cref="ArgumentException">A momentum without a velocity, or the reverse.</exception>
    public static void Sgd(Tensor w, Tensor grad, Tensor? velocity, double learningRate, double momentum = 0, double weightDecay = 0, bool nesterov = false)
    {
        RequireBoth(nameof(Sgd), momentum, velocity);
        var settings = new StepSettings<double>(learningRate, weightDecay, momentum, 1 - momentum, 0, 0, 0, 0);
        if (velocity is null) Step<SgdStep>(w, grad, null, null, null, settings);
        else if (nesterov) Step<NesterovStep>(w, grad, velocity, null, null, settings);
        else Step<MomentumStep>(w, grad, velocity, null, null, settings);
    }

    /// <summary>target ← target + weight · (value − target): a moving average.</summary>
    /// <param name="target">What changes.</param>
    /// <param name="value">Where it goes.</param>
    /// <param name="weight">How far, 1 for all the way.</param>
    public static void Lerp(Tensor target, Tensor value, double weight)
        => Step<LerpStep>(target, value, null, null, null, new(weight, 0, 0, 0, 0, 0, 0, 0));

    /// <summary>target ← source, of any type, and from any device.</summary>
    /// <param name="source">The numbers.</param>
    /// <param name="target">What changes.</param>
    /// <exception cref="DTypeException">The types differ.</exception>
    public static void Copy(Tensor source, Tensor target)
    {
        MayChange(target, nameof(Copy));
        target.Overwrite(source);
    }

    /// <summary>For a step that changes several tensors, of which none may be left behind: no cancellation ends it in the middle, until disposed.</summary>
    internal static Cancellation Whole() => Cancellation.Suspend();

    private static void Step<S>(Tensor w, Tensor g, Tensor? a, Tensor? b, Tensor? c, StepSettings<double> settings) where S : struct, IStep
    {
        MayChange(w, S.Name);
        foreach (var other in (ReadOnlySpan<Tensor?>)[g, a, b, c])
            if (other is not null && other.Shape != w.Shape)
                throw new ShapeException($"{S.Name}: {other.Describe()} does not fit {w.Describe()}: the shapes must be equal.");
        using var whole = Cancellation.Suspend();                   // half a step is no step
        w.Device.Step<S>(w.View, g.View, a?.View, b?.View, c?.View, settings);
        w.Storage.Version++;
        if (a is not null) a.Storage.Version++;
        if (b is not null) b.Storage.Version++;
        if (c is not null) c.Storage.Version++;
    }

    private static void MayChange(Tensor target, string what)
    {
        if (target.Creator is not null)
            throw new GraphException($"{what}: {target.Describe()} was made by {target.Creator.Name}, and its graph would no longer fit it. Change a tensor that no op made, or Detach() it.");
        target.RequireWritable();
    }
}
