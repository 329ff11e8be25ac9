using Engine.Core;

namespace Engine.Layers;

public sealed partial class Checkpoints
{
    /// <summary>Brings a run to where the last checkpoint was; nothing where there is none.</summary>
    /// <returns>The checkpoint's folder; null where there is none.</returns>
    /// <exception cref="CheckpointException">It cannot be read, or is of another run; nothing was changed.</exception>
    /// <exception cref="WeightsException">It is of another model; nothing was changed.</exception>
    internal string? Restore(TrainingRun run, IReadOnlyList<Callback> callbacks)
    {
        foreach (string left in Directory.GetDirectories(folder, Unfinished + "*")) Abandon(left);
        if (List() is not [.., { } path]) return null;
        var state = Read(path);
        Require(path, state, run);
        run.Trainer.Model.RequireFit(Path.Combine(path, Weights));
        var keeping = Matching(path, state, callbacks);
        RequireTensors(path, keeping);
        LoadOptimizer(path, state, run.Trainer.Optimizer);
        run.Trainer.Model.LoadWeights(Path.Combine(path, Weights));
        for (int i = 0; i < keeping.Count; i++) keeping[i].State = state.Callbacks[i].Numbers;
        Load(Path.Combine(path, Callbacks), TensorsOf(keeping));
        foreach (var metric in run.Trainer.Metrics) metric.State = state.Metrics[metric.Name];
        state.GoOn(run);
        return path;
    }

    private CheckpointState Read(string path)
    {
        try
        {
            int format = CheckpointState.FormatOf(Path.Combine(path, StateFile));
            if (format != CheckpointState.CurrentFormat)
                throw new CheckpointException(path, $"its format is {format}, and this version of the engine reads {CheckpointState.CurrentFormat}. Its {Weights} can still be loaded with LoadWeights.");
            if (Checksums.Problem(path, Weights, Optimizer, Callbacks, StateFile) is { } problem) throw Bad(path, problem);
            return CheckpointState.Read(Path.Combine(path, StateFile));
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not CheckpointException or UnauthorizedAccessException)
        {
            throw Bad(path, $"{StateFile} cannot be read: {e.Message}", e);
        }
    }

    private static void Require(string path, CheckpointState state, TrainingRun run)
    {
        if (state.RngSeed != run.Rng.Seed)
            throw Other(path, $"its random numbers are of seed {state.RngSeed}, and this run's of {run.Rng.Seed}");
        if (state.DataCount != run.Data.Count || state.BatchCount != run.Data.BatchCount)
            throw Other(path, $"its training data had {state.DataCount} examples in {state.BatchCount} batches, and this run's have {run.Data.Count} in {run.Data.BatchCount}");
        if (state.Data != run.Data.Settings)
            throw Other(path, $"its training data came in {Words(state.Data)}, and this run's come in {Words(run.Data.Settings)}");
        string optimizer = run.Trainer.Optimizer.GetType().Name;
        if (state.OptimizerKind != optimizer) throw Other(path, $"its optimizer is {state.OptimizerKind}, and this run's {optimizer}");
        string[] metrics = [.. run.Trainer.Metrics.Select(m => m.Name)];
        if (!state.Metrics.Keys.ToHashSet().SetEquals(metrics))
            throw Other(path, $"its metrics are {string.Join(", ", state.Metrics.Keys)}, and this run's {string.Join(", ", metrics)}");

        static string Words(string settings) => settings.Length == 0 ? "batches of an unknown kind" : settings;
    }

    /// <summary>The run's callbacks that the saved ones stand for, in order. Those that keep nothing, logs for instance, may come and go.</summary>
    private static List<Callback> Matching(string path, CheckpointState state, IReadOnlyList<Callback> callbacks)
    {
        string[] saved = [.. state.Callbacks.Select(c => c.Kind)];
        var matched = new List<Callback>();
        foreach (var callback in callbacks)
            if (matched.Count < saved.Length && callback.GetType().Name == saved[matched.Count]) matched.Add(callback);
        if (matched.Count < saved.Length || Keeping(callbacks).Except(matched).Any())
            throw Other(path, $"its callbacks that keep something are {List(saved)}, and this run's {List(Keeping(callbacks).Select(c => c.GetType().Name))}");
        return matched;

        static string List(IEnumerable<string> kinds) => string.Join(", ", kinds) is { Length: > 0 } list ? list : "none";
    }

    private static void RequireTensors(string path, IReadOnlyList<Callback> callbacks)
    {
        using var tensors = SafetensorsFile.Open(Path.Combine(path, Callbacks));
        var wanted = TensorsOf(callbacks).ToDictionary(t => t.Key, t => t.Value);
        string[] differ = [.. tensors.Names.Except(wanted.Keys).Select(n => $"this run has no {n}"), .. wanted.Keys.Except(tensors.Names).Select(n => $"it lacks {n}"),
            .. wanted.Where(w => tensors.Contains(w.Key) && !tensors[w.Key].Sizes.SequenceEqual(w.Value.Shape.Select(size => (long)size)))
                .Select(w => $"{w.Key} is ({string.Join(", ", tensors[w.Key].Sizes)}) and not {w.Value.Shape}")];
        if (differ.Length > 0) throw Other(path, $"the tensors of its callbacks do not fit: {string.Join(", ", differ)}");
    }

    private static void Load(string file, IEnumerable<KeyValuePair<string, Buffer>> buffers)
    {
        using var tensors = SafetensorsFile.Open(file);
        using var scope = Kernels.Device.Cpu.Scope(nameof(Restore));
        foreach (var (name, buffer) in buffers) buffer.CopyFrom(tensors.Read(name));
    }

    private static void LoadOptimizer(string path, CheckpointState state, Layers.Optimizer optimizer)
    {
        using var tensors = SafetensorsFile.Open(Path.Combine(path, Optimizer));
        if (optimizer.TryRestore(state.Optimizer, tensors) is { } problem) throw Other(path, $"its optimizer's state does not fit: {problem}");
    }

    private CheckpointException Bad(string path, string why, Exception? cause = null)
    {
        string? before = List().LastOrDefault(other => string.CompareOrdinal(other, path) < 0);
        return new(path, $"{why}. Delete this folder {(before is null ? "to begin anew: there is no checkpoint before it" : $"to go on from the one before it, {Path.GetFileName(before)}")}.", cause);
    }

    private static CheckpointException Other(string path, string why)
        => new(path, $"it is of another run: {why}. Give the run that it was made by, or another folder.");
}
