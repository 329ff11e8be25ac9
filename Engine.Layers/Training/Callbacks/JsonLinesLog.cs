using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Engine.Layers;

/// <summary>Writes a line of JSON for each epoch, and for every so many steps: <c>{"epoch":0,"step":100,"loss":0.41,...}</c>. Numbers that JSON has
/// no form for, NaN and infinities, are null.</summary>
public sealed class JsonLinesLog : Callback
{
    private readonly string path;
    private readonly int everySteps;
    private LogFile? file;

    /// <summary>Writes to a file, over what it holds; a run that goes on from a checkpoint appends.</summary>
    /// <param name="path">The file.</param>
    /// <param name="everySteps">Steps from one line to the next; 0 for lines of epochs alone.</param>
    public JsonLinesLog(string path, int everySteps = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegative(everySteps);
        (this.path, this.everySteps) = (path, everySteps);
    }

    /// <inheritdoc/>
    public override void Begin(TrainingRun run) => file = new LogFile(path, run.History.Count + (everySteps > 0 ? run.Step / everySteps : 0));

    /// <inheritdoc/>
    public override void AfterStep(TrainingRun run, TrainingProgress progress)
    {
        if (everySteps > 0 && progress.Step % everySteps == 0)
            Write(progress.Epoch, progress.Step, [new("loss", progress.Loss), new("learning_rate", run.Trainer.Optimizer.LearningRate), new("examples_per_second", progress.ExamplesPerSecond)], isEpoch: false);
    }

    /// <inheritdoc/>
    public override void AfterEpoch(TrainingRun run, EpochResult epoch) => Write(epoch.Epoch, epoch.Step, epoch.Figures(), isEpoch: true);

    /// <inheritdoc/>
    public override void End(TrainingRun run) => file?.Dispose();

    private void Write(int epoch, long step, IEnumerable<KeyValuePair<string, double>> figures, bool isEpoch)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("kind", isEpoch ? "epoch" : "step");
            json.WriteNumber("epoch", epoch);
            json.WriteNumber("step", step);
            foreach (var (name, value) in figures)
            {
                if (double.IsFinite(value)) json.WriteNumber(name, value);
                else json.WriteNull(name);
            }
            json.WriteEndObject();
        }
        file!.Line(Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }
}
