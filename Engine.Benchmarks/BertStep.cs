using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Benchmarks;

/// <summary>BERT mini (4 layers, width 256, 4 heads) and one step of its training on both tasks: 8 pairs of 128 tokens, 19 of each hidden, dropout, Adam.</summary>
public sealed class BertStep
{
    private const int Batch = 8, Length = 128, Hidden = 19;

    private readonly Rng rng = new(1);
    private readonly Device device;
    private readonly BertForPreTraining model;
    private readonly Optimizer optimizer;
    private readonly Tensor ids, types, places, labels, next;

    public BertStep(Device device)
    {
        this.device = device;
        model = new BertForPreTraining(BertConfig.Mini, rng).To(device);
        optimizer = new Adam(model.Parameters, 1e-4);
        Tensor Numbers(Func<int, long> number, params int[] shape) => Tensor.From([.. Enumerable.Range(0, new Shape(shape).Count).Select(i => (int)number(i))], shape, device);
        ids = Numbers(i => 1000 + i * 7919L % 29_000, Batch, Length);
        types = Numbers(i => i % Length / (Length / 2), Batch, Length);
        places = Numbers(i => i / Hidden * Length + i % Hidden * 6 + 1, Batch * Hidden);
        labels = Numbers(i => 1000 + i * 104_729L % 29_000, Batch * Hidden);
        next = Numbers(i => i % 2, Batch);
    }

    /// <returns>The loss.</returns>
    public double Run()
    {
        using var scope = device.Scope("the step");
        var loss = model.Loss(ids, types, labels, next, Pass.Train(rng), places: places);
        loss.Total.Backward();
        optimizer.Step();
        model.ZeroGrad();
        return loss.Total.Item();
    }
}
