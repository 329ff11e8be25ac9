using System.Diagnostics;
using System.Diagnostics.Metrics;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;
using Microsoft.Extensions.Logging;

namespace Engine.Tests.Layers.Training;

public class TelemetryTests
{
    [Test]
    public void TheMeter_GetsStepsLossesMemoryAndPhases()
    {
        using var meter = new Meter("test of training");
        using var heard = new Heard(meter);
        var losses = new List<double>();
        var history = Fit(new Telemetry(meter: meter), new TrainerTests.Steps((_, p) =>
        {
            losses.Add(p.Loss);
            if (p.Step == 2) heard.Observe();
        }));
        Assert.That(heard["engine.training.steps"].Sum(m => m.Value), Is.EqualTo(10));
        Assert.That(heard["engine.training.examples"].Select(m => m.Value), Is.EqualTo(new double[] { 10, 10, 10, 10, 5, 10, 10, 10, 10, 5 }));
        Assert.That(heard["engine.training.loss"].Select(m => m.Value), Is.EqualTo(losses));
        Assert.That(heard["engine.training.validation.loss"].Select(m => m.Value), Is.EqualTo(history.Select(h => h.Validation!.Loss)));
        Assert.That(heard["engine.training.phase.duration"].Select(m => m.Tags).Distinct().Order(), Is.EqualTo(new[] { "phase=Backward", "phase=Data", "phase=Forward", "phase=Metrics", "phase=Optimizer" }));
        Assert.That(heard["engine.training.phase.duration"].Select(m => m.Value), Is.All.GreaterThanOrEqualTo(0));
        Assert.That(heard["engine.device.memory.used"].Select(m => (m.Value > 0, m.Tags)), Is.EqualTo(new[] { (true, "device=cpu") }));
        Assert.That(heard["engine.device.memory.reserved"].Single().Value, Is.GreaterThanOrEqualTo(heard["engine.device.memory.used"].Single().Value));
        Assert.That(heard["engine.op.duration"], Is.Empty);
        heard.Observe();
        Assert.That(heard["engine.device.memory.used"], Has.Count.EqualTo(1), "no run, nothing to observe");
    }

    [Test]
    public void OpsAreTimed_WhereAskedFor_AndOnlyOfTheRunsOwnThread()
    {
        using var meter = new Meter("test of ops");
        using var heard = new Heard(meter);
        Fit(new Telemetry(meter: meter, timeOps: true));
        var ops = heard["engine.op.duration"];
        var matMuls = ops.Where(m => m.Tags.Contains("op=MatMul")).Select(m => m.Tags).ToArray();
        Assert.That(matMuls.Count(t => t.Contains("pass=forward")), Is.EqualTo(2 * 10));
        Assert.That(matMuls.Count(t => t.Contains("pass=backward")), Is.EqualTo(2 * 10));
        Assert.That(ops.Select(m => m.Value), Is.All.InRange(0, 60));
        int before = ops.Count;
        _ = Tensor.Ones([2, 2]).MatMul(Tensor.Ones([2, 2]));
        Assert.That(ops, Has.Count.EqualTo(before));
    }

    [Test]
    public void TheTrace_HasTheRunItsEpochsStepsValidationsAndCheckpoints()
    {
        using var folder = new TemporaryFolder();
        using var source = new ActivitySource("test of training");
        var done = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s == source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = done.Add,
        };
        ActivitySource.AddActivityListener(listener);
        Fit(new Telemetry(activities: source, spanOfSteps: true), checkpoints: new Checkpoints(folder.Path));
        var fit = done[^1];
        Assert.That(done.Where(a => a.Parent == fit).Select(a => a.OperationName), Is.EqualTo(new[] { "epoch", "checkpoint", "epoch", "checkpoint" }));
        var epoch = done.First(a => a.OperationName == "epoch");
        Assert.That(done.Where(a => a.Parent == epoch).Select(a => a.OperationName), Is.EqualTo(new[] { "step", "step", "step", "step", "step", "validation" }));
        Assert.That(done.Where(a => a.OperationName == "step").Select(a => a.GetTagItem("step")), Is.EqualTo(Enumerable.Range(1, 10).Select(i => (object)(long)i)));
        Assert.That(done.Select(a => a.Status), Is.All.EqualTo(ActivityStatusCode.Unset));
        Assert.That(Activity.Current, Is.Null);

        done.Clear();
        Assert.That(() => Fit(new Telemetry(activities: source), new TrainerTests.Steps((_, _) => throw new InvalidOperationException("no."))), Throws.TypeOf<CallbackException>());
        Assert.That(done.Select(a => (a.OperationName, a.Status)), Is.EqualTo(new[] { ("epoch", ActivityStatusCode.Error), ("fit", ActivityStatusCode.Error) }));
        Assert.That(Activity.Current, Is.Null);
    }

    [Test]
    public void TheLog_TellsOfTheRun()
    {
        using var folder = new TemporaryFolder();
        var log = new Journal();
        Fit(new Telemetry(log), checkpoints: new Checkpoints(folder.Path));
        Assert.That(log.Lines.Select(l => l.Id), Is.EqualTo(new[] { 1, 2, 2, 2, 2, 2, 3, 4, 2, 2, 2, 2, 2, 3, 4, 5 }));
        Assert.That(log.Lines[0].Text, Does.StartWith("Training of 114 parameters on cpu begins at epoch 1 of 2, after 0 steps."));
        Assert.That(log.Lines[7].Text, Does.Contain("step-000000005-epoch-1"));
        log.Lines.Clear();
        Assert.That(() => Fit(new Telemetry(log), new TrainerTests.Steps((_, _) => throw new InvalidOperationException("no."))), Throws.TypeOf<CallbackException>());
        Assert.That(log.Lines[^1].Text, Is.EqualTo("Training was interrupted after 1 steps, in epoch 1 of 2."));
    }

    [Test]
    public void Timing_AddsUp_AndEstimates()
    {
        var timing = new Timing();
        var left = new List<TimeSpan>();
        var clock = Stopwatch.StartNew();
        SmallModel.Trainer(Device.Cpu).Fit(new Points(50, 10) { Before = _ => Thread.Sleep(20) }, new Points(20, 10), epochs: 3,
            callbacks: [timing, new TrainerTests.Steps((_, _) => left.Add(timing.Remaining!.Value))]);
        Assert.That(timing.Epochs.Select(e => e.Epoch), Is.EqualTo(new[] { 0, 1, 2 }));
        var total = timing.Epochs.Aggregate(TimeSpan.Zero, (sum, e) => sum + e.Total);
        Assert.That(total, Is.LessThan(clock.Elapsed).And.GreaterThan(TimeSpan.FromMilliseconds(300)));
        Assert.That(timing.Epochs.Select(e => e[TrainingPhase.Data].TotalMilliseconds), Is.All.GreaterThanOrEqualTo(5 * 20));
        Assert.That(timing.Epochs.Select(e => e[TrainingPhase.Validation]), Is.All.GreaterThan(TimeSpan.Zero));
        Assert.That(timing.Epochs[2].Remaining, Is.EqualTo(TimeSpan.Zero));
        Assert.That(left[0].TotalMilliseconds, Is.GreaterThan(14 * 20));
        Assert.That(timing.Epochs[0].ToString(), Does.StartWith("epoch 1: 0.").Or.StartWith("epoch 1: ").And.Contain("Data ").And.EndsWith(" to go"));
    }

    private static History Fit(Callback callback, Callback? other = null, Checkpoints? checkpoints = null)
        => SmallModel.Trainer(Device.Cpu, metrics: new Accuracy()).Fit(new Points(45, 10), new Points(20, 10), epochs: 2, callbacks: other is null ? [callback] : [callback, other], checkpoints: checkpoints);

    private sealed class Journal : ILogger
    {
        public List<(int Id, string Text)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Lines.Add((eventId.Id, formatter(state, exception)));
    }

    /// <summary>What one meter said.</summary>
    private sealed class Heard : IDisposable
    {
        private readonly MeterListener listener = new();
        private readonly Dictionary<string, List<(double Value, string Tags)>> all = [];

        public Heard(Meter meter)
        {
            listener.InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter == meter) l.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
            listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
            listener.Start();
        }

        public List<(double Value, string Tags)> this[string name] => all.GetValueOrDefault(name, []);

        public void Observe() => listener.RecordObservableInstruments();

        public void Dispose() => listener.Dispose();

        private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (!all.TryGetValue(instrument.Name, out var list)) all[instrument.Name] = list = [];
            list.Add((value, string.Join(",", tags.ToArray().Select(t => $"{t.Key}={t.Value}"))));
        }
    }
}
