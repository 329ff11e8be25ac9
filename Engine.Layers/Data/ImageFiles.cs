namespace Engine.Layers;

/// <summary>A published set of images in four IDX files.</summary>
/// <param name="Set">What is published.</param>
public sealed record ImageFiles(PublishedDataset Set)
{
    /// <summary>Training images, training labels, test images, test labels: IDX files, .gz or plain.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. DatasetCatalog.Mnist.Files.Select(file => file.Name)];

    /// <inheritdoc cref="DatasetCatalog.Mnist"/>
    public static ImageFiles Mnist { get; } = new(DatasetCatalog.Mnist);

    /// <inheritdoc cref="DatasetCatalog.FashionMnist"/>
    public static ImageFiles FashionMnist { get; } = new(DatasetCatalog.FashionMnist);

    /// <summary>What a folder of it is called.</summary>
    public string Name => Set.Name;

    /// <summary>Address of the folder that holds the files.</summary>
    public Uri Publisher => new(Set.Files[0].Addresses[0], ".");

    /// <summary>What the classes are, in order.</summary>
    public IReadOnlyList<string> ClassNames => Set.ClassNames;

    /// <summary>Reads the images and labels from a folder that holds the four files.</summary>
    /// <exception cref="FileNotFoundException">One of them is not there.</exception>
    /// <exception cref="DataFormatException">One of them is not valid.</exception>
    public static (LabelledImages Train, LabelledImages Test) Read(string folder)
    {
        string[] paths = [.. DatasetCatalog.Mnist.Files.Select(file => file.FindIn(folder)
            ?? throw new FileNotFoundException($"The folder {folder} lacks {file.Name}. It needs {string.Join(", ", Files)}, with or without .gz."))];
        return (LabelledImages.ReadIdx(paths[0], paths[1]), LabelledImages.ReadIdx(paths[2], paths[3]));
    }
}
