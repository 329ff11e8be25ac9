using System.Globalization;

namespace Engine.Peers;

/// <summary>What the command line asks of the comparison.</summary>
/// <param name="Quick">Short turns and the least number of pairs.</param>
/// <param name="Filter">Only workloads with this in their names; null for all.</param>
/// <param name="Json">The file for the results; null for none.</param>
internal sealed record Options(bool Quick, string? Filter, string? Json)
{
    public const string Usage = "peers [--quick] [--filter PART-OF-A-NAME] [--json FILE]";

    /// <summary>How many pairs of turns are timed.</summary>
    public int Pairs => Quick ? 5 : 11;

    /// <summary>How many turns each setting has in the round that picks one.</summary>
    public int Trials => Quick ? 2 : 3;

    /// <summary>How long a process warms up: tiered compilation, caches, memory pools.</summary>
    public TimeSpan WarmUp => TimeSpan.FromSeconds(Quick ? 0.4 : 1.5);

    /// <summary>How long a turn lasts at least.</summary>
    public TimeSpan Turn => TimeSpan.FromSeconds(Quick ? 0.1 : 0.3);

    /// <summary>How long the apps of the second table train before they are timed: until the runtime has compiled everything for good.</summary>
    public TimeSpan TrainingWarmUp => TimeSpan.FromSeconds(Quick ? 4 : 8);

    /// <exception cref="UsageException">An argument is unknown, comes twice, or lacks its value.</exception>
    public static Options Parse(IReadOnlyList<string> arguments)
    {
        var options = new Options(false, null, null);
        int i;
        for (i = 0; i < arguments.Count; i++)
            options = arguments[i] switch
            {
                "--quick" => options with { Quick = true },
                "--filter" => options with { Filter = Value(options.Filter) },
                "--json" => options with { Json = Value(options.Json) },
                var other => throw new UsageException($"'{other}' is no option of {Usage}."),
            };
        return options;

        string Value(string? before)
        {
            string name = arguments[i];
            if (before is not null) throw new UsageException($"{name} is given twice.");
            if (i + 1 == arguments.Count || arguments[i + 1].Length == 0 || arguments[i + 1].StartsWith("--", StringComparison.Ordinal))
                throw new UsageException($"{name} lacks its value: {Usage}.");
            return arguments[++i];
        }
    }

    /// <summary>Whether a workload of this name is asked for.</summary>
    public bool Takes(string name) => Filter is null || name.Contains(Filter, StringComparison.OrdinalIgnoreCase);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pairs} pairs, turns of {Turn.TotalSeconds:0.0} s or one call, {WarmUp.TotalSeconds:0.0} s of warm-up");
}

/// <summary>The command line, or what it names, cannot be used.</summary>
internal sealed class UsageException(string message, Exception? inner = null) : Exception(message, inner);
