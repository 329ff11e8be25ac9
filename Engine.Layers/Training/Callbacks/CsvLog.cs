using System.Globalization;

namespace Engine.Layers;

/// <summary>Writes a row of each epoch's figures to a CSV file (RFC 4180), below a row of their names.</summary>
public sealed class CsvLog : Callback
{
    private readonly string path;
    private LogFile? file;

    /// <summary>Writes to a file, over what it holds; a run that goes on from a checkpoint appends.</summary>
    public CsvLog(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        this.path = path;
    }

    /// <inheritdoc/>
    public override void Begin(TrainingRun run)
    {
        bool names = run.History.Count > 0;                         // the first line
        file = new LogFile(path, line =>
        {
            if (names) names = false;
            else if (!int.TryParse(line.Split(',')[0], CultureInfo.InvariantCulture, out int epoch) || epoch >= run.History.Count) return false;
            return run.History.Count > 0;
        });
    }

    /// <inheritdoc/>
    public override void AfterEpoch(TrainingRun run, EpochResult epoch)
    {
        if (file!.IsEmpty) file.Line("epoch,step," + string.Join(",", epoch.Figures().Select(f => f.Key)));
        file.Line(string.Create(CultureInfo.InvariantCulture, $"{epoch.Epoch},{epoch.Step},")
            + string.Join(",", epoch.Figures().Select(f => f.Value.ToString("R", CultureInfo.InvariantCulture))));
    }

    /// <inheritdoc/>
    public override void End(TrainingRun run) => file?.Dispose();
}
