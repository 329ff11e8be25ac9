using System.Globalization;
using Engine.Core;

namespace Engine.Layers;

/// <summary>A folder of checkpoints of a run, each a folder of its own, <c>step-000012345</c>, or <c>step-000018750-epoch-10</c> at an epoch's end:
/// weights.safetensors, which any program reads, optimizer.safetensors, callbacks.safetensors, state.json with where the run had got to, and
/// checksums.sha256. A checkpoint is written under another name, brought to the disk and then renamed, so one that is there is whole.</summary>
public sealed partial class Checkpoints
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

    /// <summary>Called before each file of a checkpoint is written, and before it is renamed; the tests fail there.</summary>
    internal Action<string>? Before { get; init; }

    /// <summary>Whether the step is one to save after.</summary>
    internal bool IsDue(long step) => EverySteps > 0 && step % EverySteps == 0;

    /// <summary>The checkpoints that are there, the oldest first.</summary>
    public IReadOnlyList<string> List()
        => Directory.Exists(folder) ? [.. Directory.GetDirectories(folder, Prefix + "*").Order(StringComparer.Ordinal)] : [];

    /// <summary>Claims the folder for a run.</summary>
    /// <exception cref="CheckpointException">Another run has it, or it cannot be written to.</exception>
    internal IDisposable Claim() => CheckpointLock.Take(folder);

    /// <summary>Saves a run between two steps.</summary>
    /// <returns>The checkpoint's folder.</returns>
    /// <exception cref="CheckpointException">It could not be written; those that are there are as they were.</exception>
    internal string Save(TrainingRun run, IReadOnlyList<Callback> callbacks)
    {
        string target = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{run.Step:D9}{(run.Batch == 0 ? $"-epoch-{run.Epoch}" : "")}"));
        string temporary = Path.Combine(folder, Unfinished + Path.GetRandomFileName());
        bool renamed = false;
        try
        {
            Directory.CreateDirectory(temporary);
            Write(Weights, path => run.Trainer.Model.SaveWeights(path));
            Write(Optimizer, path => Safetensors.Save(path, Values(run.Trainer.Optimizer.State())));
            Write(Callbacks, path => Safetensors.Save(path, Values(TensorsOf(Keeping(callbacks)))));
            Write(StateFile, path => CheckpointState.Of(run, Keeping(callbacks)).Write(path));
            Write(Checksums.FileName, _ => Checksums.Write(temporary, Weights, Optimizer, Callbacks, StateFile));
            Before?.Invoke(target);
            if (Directory.Exists(target)) Discard(target);          // of a run that went on from an older one
            Directory.Move(temporary, target);
            renamed = true;
            FolderFlush.Now(folder);
            foreach (string old in List().SkipLast(Math.Max(1, Keep))) Discard(old);
            return target;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(target, renamed ? $"it was written, and then its folder could not be flushed to the disk, or an older one not be taken away: {e.Message}"
                : $"it was not written, and those before it are as they were: {e.Message}", e);
        }
        finally
        {
            if (!renamed) Abandon(temporary);
        }

        void Write(string name, Action<string> write)
        {
            Before?.Invoke(name);
            write(Path.Combine(temporary, name));
        }
    }

    /// <summary>Callbacks with something to save, by their place among those.</summary>
    private static Callback[] Keeping(IReadOnlyList<Callback> callbacks) => [.. callbacks.Where(c => c.State.Count > 0 || c.Tensors.Any())];

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

    /// <summary>Takes away what was begun. Where even that fails, the disk is at fault already, and the next run does it.</summary>
    private static void Abandon(string temporary)
    {
        try
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }
    }
}
