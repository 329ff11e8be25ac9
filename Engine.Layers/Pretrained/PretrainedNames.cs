namespace Engine.Layers;

/// <summary>How a kind of model's parameters are called in Hugging Face's files.</summary>
internal sealed record PretrainedNames
{
    /// <summary>Where a parameter of a path stands in the files: under the path itself, unless said otherwise.</summary>
    public Func<string, PretrainedWeight> Of { get; init; } = path => new([path]);

    /// <summary>What a whole model's names begin with and those of its trunk alone do not, <c>bert.</c>; either is read.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The name of today for one of yesterday.</summary>
    public Func<string, string> Modern { get; init; } = name => name;

    /// <summary>Names of what is no parameter, the prefix left out.</summary>
    public Func<string, bool> PassedOver { get; init; } = _ => false;

    /// <summary>Other names that a parameter goes by in some files, the prefixes left out: a tied decoder's. They count where its own name is not there.</summary>
    public IReadOnlyDictionary<string, string> Tied { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether a parameter of a path may be newly drawn where the folder lacks it: a head.</summary>
    public Func<string, bool> MayBeDrawn { get; init; } = _ => false;

    /// <summary>The fields of config.json that a parameter's sizes come from, by its name without the prefix: for errors.</summary>
    public IReadOnlyDictionary<string, string> Sizes { get; init; } = new Dictionary<string, string>();

    /// <summary>A name without the prefix, in the form of today.</summary>
    public string Bare(string name)
    {
        name = Modern(name);
        return Prefix.Length > 0 && name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name;
    }
}

/// <summary>Where one of our parameters stands in Hugging Face's files.</summary>
/// <param name="Names">One name; or several, whose rows it holds one after another, as many of each: queries, keys and values.</param>
/// <param name="Transposed">Whether the file has (in, out), as GPT-2's Conv1D, where we have (out, in).</param>
internal sealed record PretrainedWeight(IReadOnlyList<string> Names, bool Transposed = false);
