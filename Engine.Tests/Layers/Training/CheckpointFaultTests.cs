using System.Diagnostics;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Training;

/// <summary>Runs that are interrupted where it hurts: each must end with its last good checkpoint, and go on from it to the bits of a run that was not.</summary>
public class CheckpointFaultTests
{
    private const int Steps = 28;

    private static readonly Lazy<float[]> Uninterrupted = new(() =>
    {
        using var folder = new TemporaryFolder();
        return Fit(folder.Path);
    });

    private static IDataset<LabelledExample> Examples { get; } = MakeExamples();

    private static IDataset<LabelledExample> MakeExamples()
    {
        var (x, y) = new Points(100, 100).Epoch(0, Device.Cpu).First();
        return Datasets.FromClasses(x, y);
    }

    /// <summary>Four epochs of seven steps, each third step a checkpoint; the numbers at the end.</summary>
    private static float[] Fit(string folder, Callback? callback = null, Action<string>? before = null, Func<LabelledExample, LabelledExample>? read = null, CancellationToken cancel = default)
    {
        var trainer = SmallModel.Trainer(Device.Cpu, metrics: new Accuracy());
        var data = new DataLoader<LabelledExample>(read is null ? Examples : Examples.Map(read), new ClassCollator([2]), 16, seed: 4, shuffle: true, workers: 2);
        trainer.Fit(data, new Points(40, 16, seed: 9), epochs: 4, rng: new Rng(5), callbacks: [new EarlyStopping(patience: 50, restoreBest: true), .. callback is null ? Array.Empty<Callback>() : [callback]],
            checkpoints: new Checkpoints(folder) { EverySteps = 3, Before = before }, cancel: cancel);
        Assert.That(trainer.Optimizer.StepCount, Is.EqualTo(Steps));
        return SmallModel.Numbers(trainer.Model);
    }

    [TestCase("weights.safetensors")]
    [TestCase("optimizer.safetensors")]
    [TestCase("callbacks.safetensors")]
    [TestCase("state.json")]
    [TestCase("checksums.sha256")]
    [TestCase("step-000000009")]
    public void ADiskThatFailsInACheckpoint_LeavesTheOneBefore(string file)
    {
        using var folder = new TemporaryFolder();
        int left = 4;                                               // the checkpoints of steps 3, 6, 7 and 9
        var error = Assert.Throws<CheckpointException>(() => Fit(folder.Path, before: name =>
        {
            if (Path.GetFileName(name) == file && (file.StartsWith("step-") || --left == 0)) throw new IOException("No space left on device");
        }))!;
        Assert.That(error.Message, Does.Contain("step-000000009: it was not written, and those before it are as they were: No space left on device"));
        Assert.That(Names(folder.Path), Is.EqualTo(new[] { ".lock", "step-000000003", "step-000000006", "step-000000007-epoch-1" }));
        Assert.That(Fit(folder.Path), Is.EqualTo(Uninterrupted.Value));
    }

    [Test]
    public void AFullDisk_LeavesWhatFitted_AndTheRunGoesOnWhenThereIsRoom()
    {
        using var folder = new TemporaryFolder();
        string disk = Directory.CreateDirectory(folder.File("disk")).FullName, readOnly = Directory.CreateDirectory(folder.File("read-only")).FullName;
        if (!OperatingSystem.IsLinux() || !Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk))
            Assert.Ignore("tmpfs: a small disk cannot be mounted here; the full disk was only pretended.");
        try
        {
            Assert.That(() => Fit(disk), Throws.TypeOf<CheckpointException>().With.Message.Contains("No space left on device"));
            Assert.That(Names(disk).Where(n => n.StartsWith(".unfinished")), Is.Empty);
            Assert.That(new Checkpoints(disk).List(), Is.Not.Empty);
            Assert.That(Run("mount", "-o", "remount,size=4m", disk), "remount");
            Assert.That(Fit(disk), Is.EqualTo(Uninterrupted.Value));
            // Through a second mount: the first one may have files mapped until the next garbage collection, and is busy then.
            Assert.That(Run("mount", "--bind", disk, readOnly) && Run("mount", "-o", "remount,bind,ro", readOnly), "bind");
            Assert.That(() => Fit(readOnly), Throws.TypeOf<CheckpointException>().With.Message.Contains("cannot be written there, and training did not begin"));
        }
        finally
        {
            Run("umount", "--lazy", readOnly);
            Run("umount", "--lazy", disk);
        }
    }

    [Test]
    public void CancelledAnywhere_ItGoesOnToTheSameBits()
    {
        var rng = new Rng(17);
        for (int times = 0; times < 12; times++)
        {
            using var folder = new TemporaryFolder();
            using var cancel = new CancellationTokenSource();
            int moment = rng.NextInt(1500), passed = 0;             // of those below: 400 reads, some 100 files, and as many steps
            string where = "";
            void Pass(string place)
            {
                if (Interlocked.Increment(ref passed) != moment) return;
                where = place;
                cancel.Cancel();
            }

            try
            {
                Fit(folder.Path, new Everywhere(Pass), before: Pass, read: x =>
                {
                    Pass("the loader");
                    return x;
                }, cancel.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or DataLoadException { InnerException: OperationCanceledException })
            {
                Assert.That(e, Is.InstanceOf<OperationCanceledException>(), where);
            }
            Assert.That(Names(folder.Path).Where(n => n.StartsWith(".unfinished")), Is.Empty, where);
            Assert.That(Fit(folder.Path), Is.EqualTo(Uninterrupted.Value), $"cancelled in {where}");
        }
    }

    [Test]
    public void ACallbackThatThrowsAtAnyMoment_LeavesTheLastCheckpointWhole([Values("Prepare", "Begin", "BeforeEpoch", "BeforeStep", "AfterStep", "BeforeCheckpoint", "AfterCheckpoint",
        "BeforeValidation", "AfterValidation", "AfterEpoch", "End")] string moment)
    {
        using var folder = new TemporaryFolder();
        bool later = false;
        int calls = 0;
        Callback bad = new Everywhere(place =>
        {
            if (place == moment && (later || ++calls == 2 || moment is "Prepare" or "Begin" or "End")) throw new InvalidOperationException("no more paper.");
        });
        var error = Assert.Throws<CallbackException>(() => Fit(folder.Path, bad))!;
        Assert.That(error.Message, Does.StartWith("The callback Everywhere failed ").And.Contain("no more paper."));
        later = true;
        Assert.That(() => Fit(folder.Path, bad), Throws.TypeOf<CallbackException>());
        Assert.That(Fit(folder.Path), Is.EqualTo(Uninterrupted.Value));
    }

    [Test]
    public void TwoRunsOnOneFolder_TheSecondIsRefused()
    {
        using var folder = new TemporaryFolder();
        Exception? second = null;
        float[] first = Fit(folder.Path, new TrainerTests.Steps((_, p) =>
        {
            if (p.Step == 10) second = Assert.Catch(() => Fit(folder.Path));
        }));
        Assert.That(second, Is.TypeOf<CheckpointException>().With.Message.Contains("another run is saving its checkpoints there"));
        Assert.That(first, Is.EqualTo(Uninterrupted.Value));
    }

    [Test]
    public void AStoppedRun_BegunAgain_StaysStopped()
    {
        using var folder = new TemporaryFolder();
        Trainer first = Make(), again = Make();
        var history = Stop(first);
        Assert.That(history, Has.Count.LessThan(50));
        var told = Stop(again);
        Assert.That((told.Count, told.StoppedBecause), Is.EqualTo((history.Count, history.StoppedBecause)));
        Assert.That(SmallModel.Numbers(again.Model), Is.EqualTo(SmallModel.Numbers(first.Model)));

        Trainer Make() => SmallModel.Trainer(Device.Cpu, optimizer: m => new Sgd(m.Parameters, 5));
        History Stop(Trainer trainer) => trainer.Fit(new Points(60, 10), epochs: 50, callbacks: [new EarlyStopping("loss", patience: 2, restoreBest: true)], checkpoints: new Checkpoints(folder.Path));
    }

    private static IEnumerable<string> Names(string folder) => Directory.GetFileSystemEntries(folder).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal);

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Tells of each moment.</summary>
    private sealed class Everywhere(Action<string> tell) : Callback
    {
        public override void Prepare(Layer model) => tell(nameof(Prepare));

        public override void Begin(TrainingRun run) => tell(nameof(Begin));

        public override void BeforeEpoch(TrainingRun run) => tell(nameof(BeforeEpoch));

        public override void BeforeStep(TrainingRun run) => tell(nameof(BeforeStep));

        public override void AfterStep(TrainingRun run, TrainingProgress progress) => tell(nameof(AfterStep));

        public override void BeforeCheckpoint(TrainingRun run) => tell(nameof(BeforeCheckpoint));

        public override void AfterCheckpoint(TrainingRun run, string path) => tell(nameof(AfterCheckpoint));

        public override void BeforeValidation(TrainingRun run) => tell(nameof(BeforeValidation));

        public override void AfterValidation(TrainingRun run, Evaluation validation) => tell(nameof(AfterValidation));

        public override void AfterEpoch(TrainingRun run, EpochResult epoch) => tell(nameof(AfterEpoch));

        public override void End(TrainingRun run) => tell(nameof(End));
    }
}
