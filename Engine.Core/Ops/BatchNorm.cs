using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Batch normalisation: y = activation(gamma · (x − mean) / √(variance + epsilon) + beta + addend) for each channel, axis 1, over all other axes.</summary>
    /// <param name="gamma">(C).</param>
    /// <param name="beta">(C).</param>
    /// <param name="runningMean">(C). Training changes it in place: r += momentum · (mean − r). Inference normalises by it.</param>
    /// <param name="runningVariance">(C), likewise; it moves towards the unbiased variance, over n − 1.</param>
    /// <param name="training">Normalise by this batch's own mean and variance, over n, and move the running ones.</param>
    /// <param name="momentum">How far the running ones move: 1 forgets what they were.</param>
    /// <param name="epsilon">Keeps the root away from 0.</param>
    /// <param name="addend">Of this shape, added before the activation: the shortcut around a residual block.</param>
    /// <param name="activation">Applied last, in the same kernel: nothing in between is kept.</param>
    /// <returns>This shape, (N, C, …).</returns>
    /// <exception cref="ShapeException">This has fewer than 2 axes, a parameter is not (C), the addend has another shape, or a training batch has one number a channel.</exception>
    /// <exception cref="DeviceException">The tensors are on different devices.</exception>
    /// <remarks>Gradients: dbeta = Σ dy, dgamma = Σ dy·x̂, and dx = gamma / √(variance + epsilon) · (dy − dbeta/n − x̂·dgamma/n), in inference
    /// without the last two terms, and dy of the addend, where dy is first passed through the activation's derivative. Source: Ioffe and Szegedy 2015,
    /// arXiv:1502.03167; running statistics as in PyTorch.</remarks>
    public Tensor BatchNorm(Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, bool training, double momentum = 0.1, double epsilon = 1e-5,
        Tensor? addend = null, Activation activation = Activation.None)
        => Op.Apply(new BatchNormOp(training, momentum, epsilon, activation), this, gamma, beta, runningMean.Detach(), runningVariance.Detach(), addend);
}

/// <summary>Normalisation of each channel by the batch's statistics, or by running ones; then perhaps a sum and an activation.</summary>
internal sealed class BatchNormOp(bool training, double momentum, double epsilon, Activation activation) : Op
{
    private ChannelSizes sizes;

    public override string Name => "BatchNorm";

    public override string Attributes
        => $"{(training ? $"training, momentum={momentum}, " : "")}epsilon={epsilon}{(activation == Activation.None ? "" : $", activation={activation}")}";

    public override long Flops => (training ? 7L : 2L) * InputShape(0).Count;

    public override Tensor Forward()
    {
        Tensor x = Input(0), gamma = Input(1), beta = Input(2), mean = Input(3), variance = Input(4);
        var addend = OptionalInput(5);
        if (x.Rank < 2) throw new ShapeException($"BatchNorm: {x.Describe()} must be (N, C) or (N, C, …), and has {x.Rank} axes.");
        sizes = new ChannelSizes(x.Shape[0], x.Shape[1], x.Shape.Product(2, x.Rank));
        Require(gamma, "gamma");
        Require(beta, "beta");
        Require(mean, "the running mean");
        Require(variance, "the running variance");
        if (addend is not null && addend.Shape != x.Shape)
            throw new ShapeException($"BatchNorm: the addend {addend.Describe()} must have the shape of what is normalised, {x.Describe()}. Project it there first, by a 1×1 convolution for instance.");
        // Before the running statistics move.
        foreach (var each in (ReadOnlySpan<Tensor?>)[x, gamma, beta, mean, variance, addend])
            if (each is not null && each.DType != DType.Float32) throw new DTypeException($"BatchNorm: {each.Describe()} is {each.DType}, and must be Float32. Cast it.");
        if (training)
        {
            if (sizes.PerChannel < 2)
                throw new ShapeException($"BatchNorm: {x.Describe()} has {sizes.PerChannel} numbers a channel, and training takes 2, or their variance means nothing. Use a larger batch, or normalise for inference.");
            var (runningMean, runningVariance) = (mean, variance);
            (mean, variance) = (NewTensor(runningMean.Shape), NewTensor(runningMean.Shape));
            x.Device.BatchNormStatistics(x.View, mean.View, variance.View, runningMean.View, runningVariance.View, sizes, momentum);
            runningMean.Storage.Version++;
            runningVariance.Storage.Version++;
        }
        var y = NewTensor(x.Shape);
        var fused = Epilogue.InKernel(activation, Recording);
        x.Device.BatchNormForward(x.View, y.View, new ChannelNorm(mean.View, variance.View, gamma.View, epsilon), beta.View, sizes, addend?.View, fused);
        Save(x);
        Save(gamma);
        Save(mean, owned: training);
        Save(variance, owned: training);
        return Epilogue.Finish(activation, fused, y, this);
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        Tensor x = Saved(0), gamma = Saved(1);
        bool adds = Inputs[5].IsGiven && Needs(5), own = activation != Activation.None;
        if (own) dy = Epilogue.Backward(activation, Saved(4), dy);
        var norm = new ChannelNorm(Saved(2).View, Saved(3).View, gamma.View, epsilon);
        Tensor dgamma = Tensor.Empty(gamma.Shape, x.Device, op: Name), dbeta = Tensor.Empty(gamma.Shape, x.Device, op: Name);
        if (training || Needs(1) || Needs(2))
            x.Device.BatchNormBackwardParameters(x.View, dy.View, norm, dgamma.View, dbeta.View, sizes);
        Tensor? dx = null;
        if (Needs(0))
        {
            dx = own && !adds ? dy : Tensor.Empty(x.Shape, x.Device, op: Name);    // over what nobody reads any more
            x.Device.BatchNormBackwardInput(x.View, dy.View, dx.View, norm, dgamma.View, dbeta.View, sizes, own: training);
        }
        if (own && !adds && dx is null) dy.EndStorage("the backward pass");
        return [dx, Needs(1) ? dgamma : null, Needs(2) ? dbeta : null, null, null, adds ? dy : null];
    }

    private void Require(Tensor parameter, string what)
    {
        if (parameter.Shape != [sizes.C])
            throw new ShapeException($"BatchNorm: {what} {parameter.Describe()} must be ({sizes.C}), one number for each channel of {InputShape(0)}.");
    }
}
