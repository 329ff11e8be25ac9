using System.Text.Json;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Training;

/// <summary>Several runs of the same callbacks, folders and models, one after another.</summary>
public class RunsInTurnTests
{
    private static readonly Points Data = new(100, 16), Test = new(40, 16, seed: 9);

    [Test]
    public void CallbacksThatStoppedOneRun_BeginTheNextAnew()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("best.safetensors");
        Callback[] callbacks = [new EarlyStopping("val_loss", patience: 0, minDelta: 100, restoreBest: true), new BestWeights(path)];
        var first = SmallModel.Trainer(Device.Cpu).Fit(Data, Test, epochs: 5, callbacks: callbacks);
        Assert.That((first.Count, first.StoppedBecause), Is.EqualTo((2, "val_loss has not been better than " + first[0].Find("val_loss")!.Value.ToString("G4") + " for 1 epochs")));
        File.Delete(path);
        var trainer = SmallModel.Trainer(Device.Cpu, seed: 2);
        float[] before = SmallModel.Numbers(trainer.Model);
        var second = trainer.Fit(Data, Test, epochs: 5, callbacks: callbacks);
        Assert.That(second, Has.Count.EqualTo(2));
        Assert.That(SmallModel.Numbers(trainer.Model), Is.Not.EqualTo(before));
        Assert.That(File.Exists(path));
    }

    [Test]
    public void ACheckpointOfAnotherOptimizer_IsRefused()
    {
        using var folder = new TemporaryFolder();
        SmallModel.Trainer(Device.Cpu).Fit(Data, checkpoints: new Checkpoints(folder.Path));
        var other = SmallModel.Trainer(Device.Cpu, optimizer: m => new Lamb(m.Parameters, 0.01));   // remembers tensors of the same names
        Assert.That(() => other.Fit(Data, epochs: 2, checkpoints: new Checkpoints(folder.Path)),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("its optimizer is Adam, and this run's Lamb"));
    }

    // Seven batches an epoch, gradients of two gathered: step 5 is due in the middle of a pair, and saved after step 6.
    [Test]
    public void ACheckpointThatIsDueAmongGatheredGradients_IsSavedAfterThem()
    {
        using var folder = new TemporaryFolder();
        SmallModel.Trainer(Device.Cpu, null, null, accumulate: 2).Fit(Data, checkpoints: new Checkpoints(folder.Path) { EverySteps = 5 });
        Assert.That(new Checkpoints(folder.Path).List().Select(Path.GetFileName), Is.EqualTo(new[] { "step-000000006", "step-000000007-epoch-1" }));
    }

    [Test]
    public void ACsvLogThatJoinsLater_HasItsNames()
    {
        using var folder = new TemporaryFolder();
        string log = folder.File("log.csv"), checkpoints = folder.File("checkpoints");
        SmallModel.Trainer(Device.Cpu).Fit(Data, epochs: 2, checkpoints: new Checkpoints(checkpoints));
        SmallModel.Trainer(Device.Cpu).Fit(Data, epochs: 3, callbacks: [new CsvLog(log)], checkpoints: new Checkpoints(checkpoints));
        SmallModel.Trainer(Device.Cpu).Fit(Data, epochs: 4, callbacks: [new CsvLog(log)], checkpoints: new Checkpoints(checkpoints));
        Assert.That(File.ReadAllLines(log).Select(line => line.Split(',')[0]), Is.EqualTo(new[] { "epoch", "2", "3" }));
    }

    [Test]
    public void ARunThatFailedAtItsVeryEnd_IsNotCalledFinished()
    {
        using var folder = new TemporaryFolder();
        var failing = new Failing();
        Assert.That(() => SmallModel.Trainer(Device.Cpu).Fit(Data, callbacks: [failing, new RunFolder(folder.Path)]), Throws.TypeOf<CallbackException>());
        using var last = JsonDocument.Parse(File.ReadAllLines(folder.File("log.jsonl"))[^1]);
        Assert.That(last.RootElement.GetProperty("state").GetString(), Is.EqualTo("interrupted"));
    }

    // A clip by the norm of all gradients sees those of what is not optimized too: they must not gather from step to step.
    [Test]
    public void GradientsOfWhatIsNotOptimized_AreForgottenEachStep()
    {
        var rng = new Rng(1);
        Linear body = new(2, 8, rng), head = new(8, 2, rng);
        var model = new Sequential { body, head };
        var norms = new List<double>();
        var trainer = new Trainer(model, new Sgd(head.Parameters, 1e-9), Loss.CrossEntropy) { BeforeStep = p => norms.Add(p.ClipGradNorm(double.PositiveInfinity)) };
        trainer.Fit(new Points(64, 64), epochs: 20);
        Assert.That(norms[^1], Is.EqualTo(norms[0]).Within(1e-3 * norms[0]));
    }

    private sealed class Failing : Callback
    {
        public override void AfterEpoch(TrainingRun run, EpochResult epoch) => throw new InvalidOperationException("planted");
    }
}
