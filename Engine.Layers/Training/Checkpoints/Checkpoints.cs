using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Engine.Core;

namespace Engine.Layers;

/// <summary>A folder of checkpoints of a run, each a folder of its own, <c>step-000012345</c>, or <c>step-000018750-epoch-10</c> at an epoch's end: weights.safetensors, which any program reads,
/// optimizer.safetensors, callbacks.safetensors, and state.json with where the run had got to. A checkpoint is written under another name and then
/// renamed, so one that is there is whole.</summary>
public sealed class Checkpoints
{
    private const string Prefix = "step-", Unfinished = ".unfinished-", Weights = "weights.safetensors", Optimizer = "optimizer.safetensors",
        Callbacks = "callbacks.safetensors", StateFile = "state.json";

    private readonly string folder;

    /// <summary>Checkpoints in a folder, which is made if it is not there.</summary>
    public Checkpoints(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        this.folder = folder;
    }

    /// <summary>Steps from one checkpoint to the next within an epoch; 0, unless set, for none but at each epoch's end.</summary>
    public int EverySteps { get; init; }

    /// <summary>How many of the last ones are kept; 3 unless set, and 1 at least.</summary>
    public int Keep { get; init; } = 3;

    /// <summary>Whether the step is one to save after.</summary>
    internal bool IsDue(long step) => EverySteps > 0 && step % EverySteps == 0;

    /// <summary>The checkpoints that are there, the oldest first.</summary>
    public IReadOnlyList<string> List()
        => Directory.Exists(folder) ? [.. Directory.GetDirectories(folder, Prefix + "*").Order(StringComparer.Ordinal)] : [];

    /// <summary>Saves a run between two steps.</summary>
    /// <exception cref="CheckpointException">It could not be written; those that are there are as they were.</exception>
    internal void Save(TrainingRun run, IReadOnlyList<Callback> callbacks)
    {
        string target = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{run.Step:D9}{(run.Batch == 0 ? $"-epoch-{run.Epoch}" : "")}"));
        string temporary = Path.Combine(folder, Unfinished + Path.GetRandomFileName());
        try
        {
            Directory.CreateDirectory(temporary);
            run.Trainer.Model.SaveWeights(Path.Combine(temporary, Weights));
            Safetensors.Save(Path.Combine(temporary, Optimizer), Values(run.Trainer.Optimizer.State()));
            Safetensors.Save(Path.Combine(temporary, Callbacks), Values(TensorsOf(callbacks)));
            var state = Describe(run, callbacks, temporary);
            AtomicFile.Write(Path.Combine(temporary, StateFile), stream => JsonSerializer.Serialize(stream, state, CheckpointJson.Default.CheckpointState));
            if (Directory.Exists(target)) Discard(target);          // of a run that went on from an older one
            Directory.Move(temporary, target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            throw new CheckpointException(target, $"it was not written, and those before it are as they were: {e.Message}", e);
        }
        foreach (string old in List().SkipLast(Math.Max(1, Keep))) Discard(old);
    }

    /// <summary>Brings a run to where the last checkpoint was; nothing where there is none.</summary>
    /// <exception cref="CheckpointException">It cannot be read, or is of another run; nothing was changed.</exception>
    /// <exception cref="WeightsException">It is of another model; nothing was changed.</exception>
    internal void Restore(TrainingRun run, IReadOnlyList<Callback> callbacks)
    {
        if (!Directory.Exists(folder)) return;
        foreach (string left in Directory.GetDirectories(folder, Unfinished + "*")) Directory.Delete(left, recursive: true);
        if (List() is not [.., { } path]) return;
        var state = Read(path);
        Require(path, state, run, callbacks);
        run.Trainer.Model.RequireFit(Path.Combine(path, Weights));
        LoadOptimizer(path, state, run.Trainer.Optimizer);
        run.Trainer.Model.LoadWeights(Path.Combine(path, Weights));
        for (int i = 0; i < callbacks.Count; i++) callbacks[i].State = state.Callbacks[i];
        Load(Path.Combine(path, Callbacks), TensorsOf(callbacks));
        foreach (var metric in run.Trainer.Metrics) metric.State = state.Metrics[metric.Name];
        (run.Epoch, run.Batch, run.Step) = (state.Epoch, state.Batch, state.Step);
        (run.LossSum, run.Examples, run.Seconds) = (state.LossSum, state.Examples, state.Seconds);
        run.Rng.Position = state.RngPosition;
        foreach (var epoch in state.History) run.History.Add(epoch.ToResult());
    }

    private static CheckpointState Describe(TrainingRun run, IReadOnlyList<Callback> callbacks, string temporary) => new()
    {
        Format = CheckpointState.CurrentFormat,
        Epoch = run.Epoch,
        Batch = run.Batch,
        Step = run.Step,
        LossSum = run.LossSum,
        Examples = run.Examples,
        Seconds = run.Seconds,
        RngSeed = run.Rng.Seed,
        RngPosition = run.Rng.Position,
        DataCount = run.Data.Count,
        BatchCount = run.Data.BatchCount,
        Optimizer = run.Trainer.Optimizer.SaveNumbers(),
        Metrics = run.Trainer.Metrics.ToDictionary(m => m.Name, m => m.State),
        Callbacks = [.. callbacks.Select(c => new Dictionary<string, double>(c.State))],
        History = [.. run.History.Select(EpochState.From)],
        Files = new[] { Weights, Optimizer, Callbacks }.ToDictionary(name => name, name => Digest(Path.Combine(temporary, name))),
    };

    private static CheckpointState Read(string path)
    {
        CheckpointState? state;
        try
        {
            using var stream = File.OpenRead(Path.Combine(path, StateFile));
            state = JsonSerializer.Deserialize(stream, CheckpointJson.Default.CheckpointState);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw Bad(path, $"{StateFile} cannot be read: {e.Message}", e);
        }
        if (state is null) throw Bad(path, $"{StateFile} is empty");
        if (state.Format != CheckpointState.CurrentFormat)
            throw new CheckpointException(path, $"its format is {state.Format}, and this version of the engine reads {CheckpointState.CurrentFormat}. Its {Weights} can still be loaded with LoadWeights.");
        foreach (var (name, digest) in state.Files)
        {
            string file = Path.Combine(path, name);
            if (!File.Exists(file)) throw Bad(path, $"{name} is missing");
            if (Digest(file) != digest) throw Bad(path, $"{name} is not what was written: its SHA-256 differs");
        }
        return state;
    }

    private static void Require(string path, CheckpointState state, TrainingRun run, IReadOnlyList<Callback> callbacks)
    {
        if (state.RngSeed != run.Rng.Seed)
            throw Other(path, $"its random numbers are of seed {state.RngSeed}, and this run's of {run.Rng.Seed}");
        if (state.DataCount != run.Data.Count || state.BatchCount != run.Data.BatchCount)
            throw Other(path, $"its training data had {state.DataCount} examples in {state.BatchCount} batches, and this run's have {run.Data.Count} in {run.Data.BatchCount}");
        string[] metrics = [.. run.Trainer.Metrics.Select(m => m.Name)];
        if (!state.Metrics.Keys.ToHashSet().SetEquals(metrics))
            throw Other(path, $"its metrics are {string.Join(", ", state.Metrics.Keys)}, and this run's {string.Join(", ", metrics)}");
        if (state.Callbacks.Count != callbacks.Count)
            throw Other(path, $"it was made with {state.Callbacks.Count} callbacks, and this run has {callbacks.Count}");
    }

    private static void Load(string file, IEnumerable<KeyValuePair<string, Buffer>> buffers)
    {
        using var tensors = SafetensorsFile.Open(file);
        using var scope = Kernels.Device.Cpu.Scope(nameof(Restore));
        foreach (var (name, buffer) in buffers) buffer.CopyFrom(tensors.Read(name));
    }

    private static IEnumerable<KeyValuePair<string, Buffer>> TensorsOf(IReadOnlyList<Callback> callbacks)
        => callbacks.SelectMany((callback, i) => callback.Tensors.Select(t => KeyValuePair.Create($"{i}.{t.Key}", t.Value)));

    private static IEnumerable<KeyValuePair<string, Tensor>> Values(IEnumerable<KeyValuePair<string, Buffer>> buffers)
        => buffers.Select(b => KeyValuePair.Create(b.Key, b.Value.Value));

    /// <summary>Takes a checkpoint away: out of sight first, so that none is ever seen in part.</summary>
    private void Discard(string path)
    {
        string aside = Path.Combine(folder, Unfinished + Path.GetRandomFileName());
        Directory.Move(path, aside);
        Directory.Delete(aside, recursive: true);
    }

    private static void LoadOptimizer(string path, CheckpointState state, Layers.Optimizer optimizer)
    {
        using var tensors = SafetensorsFile.Open(Path.Combine(path, Optimizer));
        if (optimizer.TryRestore(state.Optimizer, tensors) is { } problem) throw Other(path, $"its optimizer's state does not fit: {problem}");
    }

    private static string Digest(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static CheckpointException Bad(string path, string why, Exception? cause = null)
        => new(path, $"{why}. Delete this checkpoint to go on from the one before it.", cause);

    private static CheckpointException Other(string path, string why)
        => new(path, $"it is of another run: {why}. Give the run that it was made by, or another folder.");
}
