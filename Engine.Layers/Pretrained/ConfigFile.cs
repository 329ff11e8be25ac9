using System.Text.Json;

namespace Engine.Layers;

/// <summary>A config.json as Hugging Face writes it. A field that is null counts as left out.</summary>
internal sealed class ConfigFile
{
    public const string Name = "config.json";

    /// <summary>Layers of a model at most: each costs time and memory of its own, however small.</summary>
    public const int MostLayers = 1000;

    private readonly string path;
    private readonly JsonElement root;

    /// <exception cref="PretrainedException">The folder has none, or it is not valid.</exception>
    public ConfigFile(string folder)
    {
        path = Path.Combine(folder, Name);
        root = PretrainedFolder.ReadJson(path);
    }

    /// <summary>A whole number within a range.</summary>
    public int Int(string name, int otherwise, int least = 1, int most = int.MaxValue)
    {
        if (Find(name) is not { } value) return otherwise;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out int number)) throw Bad(name, $"it is {Words(value)}, and must be a whole number.");
        return number >= least && number <= most ? number : throw Bad(name, $"it is {number}, and must be in {least}..{most}.");
    }

    /// <summary>A whole number that may be null.</summary>
    public int? OptionalInt(string name, int? otherwise, int least = 0)
        => !root.TryGetProperty(name, out _) ? otherwise : Find(name) is null ? null : Int(name, 0, least);

    /// <summary>A number within a range, its end left out.</summary>
    public double Number(string name, double otherwise, double least = 0, double below = double.PositiveInfinity)
    {
        if (Find(name) is not { } value) return otherwise;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number)) throw Bad(name, $"it is {Words(value)}, and must be a number.");
        return number >= least && number < below ? number : throw Bad(name, FormattableString.Invariant($"it is {number}, and must be in [{least}, {below})."));
    }

    /// <summary>A number that may be null.</summary>
    public double? OptionalNumber(string name, double least = 0, double below = double.PositiveInfinity) => Find(name) is null ? null : Number(name, 0, least, below);

    /// <summary>True or false.</summary>
    public bool Flag(string name, bool otherwise) => Find(name)?.ValueKind switch
    {
        null => otherwise,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Bad(name, $"it is {Words(Find(name)!.Value)}, and must be true or false."),
    };

    /// <summary>A text.</summary>
    public string Text(string name, string otherwise)
    {
        if (Find(name) is not { } value) return otherwise;
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Bad(name, $"it is {Words(value)}, and must be a text.");
    }

    /// <summary>The texts of an object <c>{"0": "first", "1": "second"}</c> in order of their numbers; null where it is left out.</summary>
    public IReadOnlyList<string>? Numbered(string name)
    {
        if (Find(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Object) throw Bad(name, $"it is {Words(value)}, and must be an object of numbers and texts.");
        int count = value.EnumerateObject().Count();
        var texts = new string?[count];
        foreach (var entry in value.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, out int at) || (uint)at >= (uint)count || texts[at] is not null || entry.Value.ValueKind != JsonValueKind.String)
                throw Bad(name, $"it has '{Shorten(entry.Name)}', and must have the numbers 0 to {count - 1}, each with a text.");
            texts[at] = entry.Value.GetString();
        }
        return texts!;
    }

    /// <summary>An error that names the file and the field.</summary>
    public PretrainedException Bad(string name, string problem) => new(path, name, problem);

    private JsonElement? Find(string name) => root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string Words(JsonElement value) => Shorten(value.GetRawText());

    private static string Shorten(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "…");
}
