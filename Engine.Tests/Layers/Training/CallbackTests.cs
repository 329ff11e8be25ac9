using System.Text.Json;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Training;

public class CallbackTests
{
    [Test]
    public void ACallbackThatThrows_IsNamed_AndAllAreEnded()
    {
        int ended = 0;
        var bad = new TrainerTests.Steps((_, progress) =>
        {
            if (progress.Step == 3) throw new InvalidOperationException("no more paper.");
        });
        var other = new TrainerTests.Steps((_, _) => { }) { Ending = () => ended++ };
        var error = Assert.Throws<CallbackException>(() => SmallModel.Trainer(Device.Cpu).Fit(new Points(100, 10), callbacks: [bad, other]))!;
        Assert.That(error.Callback, Is.SameAs(bad));
        Assert.That(error.Message, Does.Contain("Steps failed after step 3: no more paper."));
        Assert.That(ended, Is.EqualTo(1));
    }

    [Test]
    public void EarlyStopping_EndsTraining_AndGivesTheBestWeightsBack()
    {
        var trainer = SmallModel.Trainer(Device.Cpu, optimizer: m => new Sgd(m.Parameters, 5));        // far too large: it does not get better for long
        var weights = new List<float[]>();
        var history = trainer.Fit(new Points(60, 10), epochs: 100, callbacks: [new EarlyStopping("loss", patience: 4, restoreBest: true), new Epochs(_ => weights.Add(SmallModel.Numbers(trainer.Model)))]);
        int best = Enumerable.Range(0, history.Count).MinBy(i => history[i].Loss);
        Assert.That(history, Has.Count.EqualTo(best + 6).And.Count.LessThan(100));
        Assert.That(history.StoppedBecause, Does.StartWith("loss has not been better than"));
        Assert.That(SmallModel.Numbers(trainer.Model), Is.EqualTo(weights[best]));
    }

    [Test]
    public void AMonitorOfWhatIsNotThere_ListsWhatIs()
        => Assert.That(() => SmallModel.Trainer(Device.Cpu).Fit(new Points(20, 10), callbacks: [new EarlyStopping("val_accuracy")]),
            Throws.TypeOf<CallbackException>().With.Message.Contains("There are: loss, learning_rate"));

    [Test]
    public void BestWeights_AreThoseOfTheBestEpoch()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("best.safetensors");
        var trainer = SmallModel.Trainer(Device.Cpu, optimizer: m => new Sgd(m.Parameters, 5));
        var weights = new List<float[]>();
        var history = trainer.Fit(new Points(60, 10), epochs: 12, callbacks: [new BestWeights(path, "loss"), new Epochs(_ => weights.Add(SmallModel.Numbers(trainer.Model)))]);
        var loaded = SmallModel.Trainer(Device.Cpu, seed: 99).Model;
        loaded.LoadWeights(path);
        Assert.That(SmallModel.Numbers(loaded), Is.EqualTo(weights[Enumerable.Range(0, 12).MinBy(i => history[i].Loss)]));
    }

    [Test]
    public void CsvAndJsonLines_HoldTheHistory()
    {
        using var folder = new TemporaryFolder();
        string csv = folder.File("log.csv"), json = folder.File("log.jsonl");
        var history = SmallModel.Trainer(Device.Cpu, metrics: [new Accuracy()]).Fit(new Points(50, 10), new Points(20, 10), epochs: 3, callbacks: [new CsvLog(csv), new JsonLinesLog(json, everySteps: 2)]);
        string[] rows = File.ReadAllLines(csv);
        Assert.That(rows[0], Is.EqualTo("epoch,step,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,examples_per_second"));
        Assert.That(rows, Has.Length.EqualTo(4));
        Assert.That(double.Parse(rows[3].Split(',')[2], System.Globalization.CultureInfo.InvariantCulture), Is.EqualTo(history[2].Loss));
        var lines = File.ReadAllLines(json).Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        Assert.That(lines.Count(l => l.GetProperty("kind").GetString() == "step"), Is.EqualTo(7));
        Assert.That(lines.Select(l => l.GetProperty("kind").GetString()).Where(k => k != "step"), Is.EqualTo(new[] { "begin", "epoch", "epoch", "epoch", "end" }));
        Assert.That(lines[^2].GetProperty("val_accuracy").GetDouble(), Is.EqualTo(history[2].Validation!.Metrics["accuracy"]));
        Assert.That(lines[^1].GetProperty("state").GetString(), Is.EqualTo("finished"));
        Assert.That(lines[0].GetProperty("batches").GetInt32(), Is.EqualTo(5));
    }

    [Test]
    public void ARunFolder_HoldsWhatAWatcherReads()
    {
        using var folder = new TemporaryFolder();
        var trainer = SmallModel.Trainer(Device.Cpu);
        var losses = new List<double>();
        trainer.Fit(new Points(50, 20), epochs: 2, callbacks: [new RunFolder(folder.Path, atMostEvery: TimeSpan.Zero, tensorBoard: true), new TrainerTests.Steps((_, p) => losses.Add(p.Loss))]);
        var steps = Lines(folder.File("log.jsonl")).Where(l => l.GetProperty("kind").GetString() == "step").ToArray();
        Assert.That(steps.Select(l => (l.GetProperty("epoch").GetInt32(), l.GetProperty("batch").GetInt32(), l.GetProperty("step").GetInt64())),
            Is.EqualTo(new[] { (0, 1, 1L), (0, 2, 2L), (0, 3, 3L), (1, 1, 4L), (1, 2, 5L), (1, 3, 6L) }));
        Assert.That(steps.Select(l => l.GetProperty("loss").GetDouble()), Is.EqualTo(losses));
        Assert.That(steps.Select(l => l.GetProperty("pool_used_bytes").GetInt64()), Is.All.Positive);
        Assert.That(steps.Select(l => l.GetProperty("time").GetDouble()), Is.Ordered);
        using var model = JsonDocument.Parse(File.ReadAllText(folder.File("model.json")));
        var children = model.RootElement.GetProperty("children").EnumerateArray().ToArray();
        Assert.That(children.Select(c => c.GetProperty("kind").GetString()), Is.EqualTo(new[] { "Linear", "BatchNorm1d", "Relu", "Dropout", "Linear" }));
        Assert.That(children[0].GetProperty("output_shape").EnumerateArray().Select(s => s.GetInt32()), Is.EqualTo(new[] { 20, 16 }));
        Assert.That(children[0].GetProperty("flops").GetInt64(), Is.EqualTo(2 * 20 * 2 * 16));
        Assert.That(model.RootElement.GetProperty("parameters").GetInt64(), Is.EqualTo(trainer.Model.ParameterCount));
        Assert.That(Directory.GetFiles(folder.Path, "events.out.tfevents.*"), Has.Length.EqualTo(1));
    }

    [Test]
    public void ALogThatGoesOn_LosesTheLinesAfterTheCheckpoint_AndTornOnes()
    {
        using var folder = new TemporaryFolder();
        string log = folder.File("log.jsonl");
        using var cancel = new CancellationTokenSource();
        Assert.That(() => Fit(8, cancel), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Lines(log)[^1].GetProperty("state").GetString(), Is.EqualTo("interrupted"));
        File.AppendAllText(log, "{\"kind\":\"ste");
        Fit(99, new());
        var lines = Lines(log);
        Assert.That(lines.Where(l => l.GetProperty("kind").GetString() == "step").Select(l => l.GetProperty("step").GetInt32()), Is.EqualTo(Enumerable.Range(1, 15)));
        Assert.That(lines.Where(l => l.GetProperty("kind").GetString() != "step").Select(l => (l.GetProperty("kind").GetString(), l.GetProperty("step").GetInt32())),
            Is.EqualTo(new[] { ("begin", 0), ("epoch", 5), ("begin", 6), ("epoch", 10), ("epoch", 15), ("end", 15) }));

        void Fit(int until, CancellationTokenSource stop) => SmallModel.Trainer(Device.Cpu).Fit(new Points(50, 10), epochs: 3, cancel: stop.Token,
            callbacks: [new JsonLinesLog(log, everySteps: 1), new TrainerTests.Steps((_, p) =>
            {
                if (p.Step == until) stop.Cancel();
            })], checkpoints: new Checkpoints(folder.File("checkpoints")) { EverySteps = 3 });
    }

    private static JsonElement[] Lines(string path) => [.. File.ReadAllLines(path).Select(l => JsonDocument.Parse(l).RootElement)];

    [Test]
    public void TensorBoardFiles_AreReadByAReaderOfTheFormat()
    {
        using var folder = new TemporaryFolder();
        var losses = new List<double>();
        var history = SmallModel.Trainer(Device.Cpu).Fit(new Points(50, 10), epochs: 4,
            callbacks: [new TensorBoardLog(folder.Path, everySteps: 1), new TrainerTests.Steps((_, p) => losses.Add(p.Loss))]);
        var events = EventReader.Read(Directory.GetFiles(folder.Path).Single());
        Assert.That(events[0].FileVersion, Is.EqualTo("brain.Event:2"));
        var points = events.Where(e => e.Values.ContainsKey("step/loss")).ToArray();
        Assert.That(points.Select(e => e.Step), Is.EqualTo(Enumerable.Range(1, 20).Select(i => (long)i)));
        Assert.That(points.Select(e => e.Values["step/loss"]), Is.EqualTo(losses.Select(l => (float)l)));
        Assert.That(events.Where(e => e.Values.ContainsKey("epoch/loss")).Select(e => (e.Step, e.Values["epoch/loss"])), Is.EqualTo(history.Select(h => (h.Step, (float)h.Loss))));
        Assert.That(events.Select(e => e.WallTime), Is.All.EqualTo((double)DateTimeOffset.UtcNow.ToUnixTimeSeconds()).Within(600));
    }

    private sealed class Epochs(Action<EpochResult> after) : Callback
    {
        public override void AfterEpoch(TrainingRun run, EpochResult epoch) => after(epoch);
    }
}
