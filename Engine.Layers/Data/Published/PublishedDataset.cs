namespace Engine.Layers;

/// <summary>A data set that somebody publishes: what it is, and where it is to be had. The data are never part of the engine.</summary>
/// <param name="Name">What a folder of it is called.</param>
/// <param name="What">Examples, sizes, classes.</param>
/// <param name="Page">The publisher's page about it.</param>
/// <param name="Licence">On what terms, as far as the publisher says.</param>
/// <param name="Files">The files as they are published.</param>
public sealed record PublishedDataset(string Name, string What, Uri Page, string Licence, IReadOnlyList<PublishedFile> Files)
{
    /// <summary>What the classes are called, in order; empty where there are none, or where the data themselves say so.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>Other files that hold the same, as paths below the folder: what an archive unpacks to, say. A folder that has all of one list will do.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Unpacked { get; init; } = [];

    /// <summary>Other names that folders of it go by.</summary>
    public IReadOnlyList<string> OtherNames { get; init; } = [];

    /// <summary>Bytes of all files as they are published; null where one is not known.</summary>
    public long? Bytes => Files.Aggregate((long?)0, (sum, file) => sum + file.Bytes);

    /// <summary>Whether a folder holds it, as it is published or unpacked.</summary>
    public bool IsIn(string folder) => Files.All(file => file.FindIn(folder) is not null)
        || Unpacked.Any(list => list.All(name => File.Exists(Path.Combine(folder, name))));
}
