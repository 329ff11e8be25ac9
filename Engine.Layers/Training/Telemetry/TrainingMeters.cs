using System.Diagnostics.Metrics;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>The instruments of a meter that training fills.</summary>
internal sealed class TrainingMeters
{
    private readonly Counter<long> steps, examples;
    private readonly Gauge<double> loss, epochLoss, validationLoss, throughput, learningRate;
    private readonly Histogram<double> phases;
    private readonly Histogram<double> ops;

    public TrainingMeters(Meter meter)
    {
        steps = meter.CreateCounter<long>("engine.training.steps", "{step}", "Steps taken");
        examples = meter.CreateCounter<long>("engine.training.examples", "{example}", "Examples learnt from");
        loss = meter.CreateGauge<double>("engine.training.loss", description: "The last step's loss");
        epochLoss = meter.CreateGauge<double>("engine.training.epoch.loss", description: "The last epoch's mean loss");
        validationLoss = meter.CreateGauge<double>("engine.training.validation.loss", description: "The loss on the validation data after the last epoch");
        throughput = meter.CreateGauge<double>("engine.training.throughput", "{example}/s", "Examples a second over the epoch so far");
        learningRate = meter.CreateGauge<double>("engine.training.learning_rate", description: "The optimizer's learning rate");
        phases = meter.CreateHistogram<double>("engine.training.phase.duration", "s", "Time of each phase of a step");
        ops = meter.CreateHistogram<double>("engine.op.duration", "s", "Time of an op's kernels");
        meter.CreateObservableGauge("engine.device.memory.used", () => Observe(d => d.BytesInUse), "By", "Bytes that tensors of the device hold");
        meter.CreateObservableGauge("engine.device.memory.reserved", () => Observe(d => d.BytesReserved), "By", "Bytes taken from the system, in use or idle");
    }

    /// <summary>The device of the run under way; null between runs.</summary>
    public Device? Device { get; set; }

    /// <summary>Whether anybody listens to the times of ops, which cost something.</summary>
    public bool OpsWanted => ops.Enabled;

    public void Step(TrainingProgress progress, long batch, double rate)
    {
        steps.Add(1);
        examples.Add(batch);
        loss.Record(progress.Loss);
        throughput.Record(progress.ExamplesPerSecond);
        learningRate.Record(rate);
    }

    public void Epoch(EpochResult epoch)
    {
        epochLoss.Record(epoch.Loss);
        if (epoch.Validation is { } validation) validationLoss.Record(validation.Loss);
    }

    public void Phase(TrainingPhase phase, TimeSpan time) => phases.Record(time.TotalSeconds, new KeyValuePair<string, object?>("phase", phase.ToString()));

    public void Timed(Op op, bool backward, TimeSpan time)
        => ops.Record(time.TotalSeconds, new("op", op.Name), new("pass", backward ? "backward" : "forward"), new("device", Device?.Name));

    private Measurement<long>[] Observe(Func<Device, long> bytes)
        => Device is { } device ? [new(bytes(device), new KeyValuePair<string, object?>("device", device.Name))] : [];
}
