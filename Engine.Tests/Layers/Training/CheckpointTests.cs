using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Training;

public class CheckpointTests
{
    private static readonly Points Data = new(100, 16), Test = new(40, 16, seed: 9);

    private static Trainer Make(ulong seed = 1, int width = 16) => SmallModel.Trainer(Device.Cpu, seed, width, null, new Accuracy(), new AreaUnderRocOfLogits());

    private static History Fit(Trainer trainer, string folder, ulong seed = 5, Points? data = null, int keep = 3, CancellationToken cancel = default, params Callback[] callbacks)
        => trainer.Fit(data ?? Data, Test, epochs: 4, rng: new Rng(seed), callbacks: [new EarlyStopping("val_loss", patience: 50, restoreBest: true), .. callbacks],
            checkpoints: new Checkpoints(folder) { EverySteps = 3, Keep = keep }, cancel: cancel);

    [Test]
    public void ARunInterruptedAnywhere_EndsWithTheVeryBitsOfOneThatWasNot()
    {
        using var whole = new TemporaryFolder();
        var trainer = Make();
        var history = Fit(trainer, whole.Path);
        float[] expected = SmallModel.Numbers(trainer.Model);
        for (int stop = 1; stop < 28; stop += 4)
        {
            using var folder = new TemporaryFolder();
            using var cancel = new CancellationTokenSource();
            int last = stop;
            var callback = new TrainerTests.Steps((run, p) =>
            {
                if (p.Step == last) cancel.Cancel();
            });
            Assert.That(() => Fit(Make(), folder.Path, cancel: cancel.Token, callbacks: [callback]), Throws.InstanceOf<OperationCanceledException>());
            var resumed = Make(seed: 77);                           // other weights: the checkpoint's are what counts
            if (stop < 3) resumed = Make();                         // nothing was saved yet
            var told = Fit(resumed, folder.Path, callbacks: [new TrainerTests.Steps((_, _) => { })]);
            Assert.That(SmallModel.Numbers(resumed.Model), Is.EqualTo(expected), $"stopped after step {stop}");
            Assert.That(told.Select(e => (e.Step, e.Loss, e.Find("val_loss"), e.Find("accuracy"))), Is.EqualTo(history.Select(e => (e.Step, e.Loss, e.Find("val_loss"), e.Find("accuracy")))));
        }
    }

    [Test]
    public void TheLastOnesAreKept_AndTheirWeightsLoadAnywhere()
    {
        using var folder = new TemporaryFolder();
        var trainer = Make();
        trainer.Fit(Data, epochs: 2, checkpoints: new Checkpoints(folder.Path) { EverySteps = 3, Keep = 2 });
        Assert.That(Directory.GetFileSystemEntries(folder.Path).Select(p => Path.GetFileName(p)).Order(), Is.EqualTo(new[] { ".lock", "step-000000012", "step-000000014-epoch-2" }));
        var model = Make(seed: 3).Model;
        model.LoadWeights(Path.Combine(folder.Path, "step-000000014-epoch-2", "weights.safetensors"));
        Assert.That(SmallModel.Numbers(model), Is.EqualTo(SmallModel.Numbers(trainer.Model)));
    }

    [Test]
    public void AnotherModelsCheckpoint_ListsWhatDiffers_AndChangesNothing()
    {
        using var folder = new TemporaryFolder();
        Fit(Make(), folder.Path);
        var other = Make(width: 8);
        float[] before = SmallModel.Numbers(other.Model);
        var error = Assert.Throws<WeightsException>(() => Fit(other, folder.Path))!;
        Assert.That(error.Message, Does.Contain("0.weight is (16, 2)").And.Contain("(8, 2)").And.Contain("4.weight is (2, 16)"));
        Assert.That(SmallModel.Numbers(other.Model), Is.EqualTo(before));
    }

    [TestCase("state.json", "state.json cannot be read")]
    [TestCase("weights.safetensors", "weights.safetensors is not what was written")]
    [TestCase("optimizer.safetensors", "optimizer.safetensors is not what was written")]
    [TestCase("callbacks.safetensors", "callbacks.safetensors is not what was written")]
    [TestCase("checksums.sha256", "is not what was written")]
    public void ACorruptOne_IsNamed_WithTheOneBefore_AndChangesNothing(string file, string message)
    {
        using var folder = new TemporaryFolder();
        Fit(Make(), folder.Path);
        string last = new Checkpoints(folder.Path).List()[^1], path = Path.Combine(last, file);
        byte[] bytes = File.ReadAllBytes(path);
        var trainer = Make(seed: 2);
        float[] before = SmallModel.Numbers(trainer.Model);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
        Refused(message);
        File.Delete(path);
        Refused(file == "state.json" ? "cannot be read" : "is missing");
        for (int at = 0; at < bytes.Length; at += Math.Max(1, bytes.Length / 40))
        {
            byte[] flipped = [.. bytes];
            flipped[at] ^= 1;
            File.WriteAllBytes(path, flipped);
            Refused("");
        }
        Assert.That(SmallModel.Numbers(trainer.Model), Is.EqualTo(before));
        Directory.Delete(last, recursive: true);
        Assert.That(Fit(trainer, folder.Path), Has.Count.EqualTo(4));

        void Refused(string why)
        {
            var error = Assert.Throws<CheckpointException>(() => Fit(trainer, folder.Path))!;
            Assert.That(error.Message, Does.StartWith(last).And.Contain(why));
            if (!error.Message.Contains("its format is")) Assert.That(error.Message, Does.Contain("Delete this folder to go on from the one before it, step-000000027"));
        }
    }

    [Test]
    public void ACheckpointOfAnotherFormat_SaysSo()
    {
        using var folder = new TemporaryFolder();
        Fit(Make(), folder.Path);
        string path = Path.Combine(new Checkpoints(folder.Path).List()[^1], "state.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"Format\": 2", "\"Format\": 0"));
        Assert.That(() => Fit(Make(), folder.Path), Throws.TypeOf<CheckpointException>().With.Message.Contains("its format is 0, and this version of the engine reads 2"));
        File.WriteAllText(path, "{ \"Format\": 1, \"Epoch\": 2 }");                                // as the older format had it: other members
        Assert.That(() => Fit(Make(), folder.Path), Throws.TypeOf<CheckpointException>().With.Message.Contains("its format is 1, and this version of the engine reads 2"));
    }

    [Test]
    public void AnotherRunsCheckpoint_IsRefused()
    {
        using var folder = new TemporaryFolder();
        Fit(Make(), folder.Path);
        Assert.That(() => Fit(Make(), folder.Path, seed: 6), Throws.TypeOf<CheckpointException>().With.Message.Contains("of seed 5, and this run's of 6"));
        Assert.That(() => Fit(Make(), folder.Path, data: new Points(90, 16)), Throws.TypeOf<CheckpointException>().With.Message.Contains("had 100 examples in 7 batches"));
        Assert.That(() => Fit(Make(), folder.Path, data: new Points(100, 16, seed: 3)), Throws.TypeOf<CheckpointException>().With.Message.Contains("batches of 16, shuffled with seed 7, and this run's come in batches of 16, shuffled with seed 3"));
        Assert.That(() => Fit(Make(), folder.Path, callbacks: [new BestWeights(folder.File("best"))]),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("its callbacks that keep something are EarlyStopping, and this run's EarlyStopping, BestWeights"));
        Assert.That(() => Make().Fit(Data, rng: new Rng(5), checkpoints: new Checkpoints(folder.Path)),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("EarlyStopping, and this run's none"));
        Assert.That(() => Make().Fit(Data, rng: new Rng(5), callbacks: [new EarlyStopping("val_loss", patience: 50)], checkpoints: new Checkpoints(folder.Path)),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("the tensors of its callbacks do not fit: this run has no 0.0.weight"));
        var amsgrad = SmallModel.Trainer(Device.Cpu, optimizer: m => new Adam(m.Parameters, 0.01, amsgrad: true), metrics: [new Accuracy(), new AreaUnderRocOfLogits()]);
        Assert.That(() => Fit(amsgrad, folder.Path), Throws.TypeOf<CheckpointException>().With.Message.Contains("it lacks 0.weight.largest"));
        var sgd = SmallModel.Trainer(Device.Cpu, optimizer: m => new Sgd(m.Parameters, 0.1), metrics: [new Accuracy(), new AreaUnderRocOfLogits()]);
        Assert.That(() => Fit(sgd, folder.Path), Throws.TypeOf<CheckpointException>().With.Message.Contains("its optimizer is Adam, and this run's Sgd"));
    }

    [Test]
    public void WhatWasLeftUnfinished_IsNoCheckpoint()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, ".unfinished-abc"));
        File.WriteAllText(Path.Combine(folder.Path, ".unfinished-abc", "state.json"), "{");
        Assert.That(Fit(Make(), folder.Path), Has.Count.EqualTo(4));
        Assert.That(Directory.GetDirectories(folder.Path, ".unfinished-*"), Is.Empty);
    }

    [Test]
    public void AFolderThatCannotBeWritten_IsATypedError()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("in-the-way");
        File.WriteAllText(file, "");
        Assert.That(() => Fit(Make(), file), Throws.TypeOf<CheckpointException>().With.Message.Contains("cannot be written there, and training did not begin"));
        Assert.That(File.Exists(file));
    }

    /// <summary>Class 1's logit over class 0's.</summary>
    private sealed class AreaUnderRocOfLogits : Metric
    {
        private readonly AreaUnderRoc auc = new();

        public override string Name => auc.Name;

        public override double Value => auc.Value;

        public override double[] State
        {
            get => auc.State;
            set => auc.State = value;
        }

        public override void Add(Tensor outputs, Tensor targets) => auc.Add(outputs[.., 1..2] - outputs[.., 0..1], targets);

        public override void Reset() => auc.Reset();
    }
}
