namespace Engine.Layers;

/// <summary>A published set of images: the names of its four files, and where its publisher has them.</summary>
/// <param name="Name">What a folder of it is called.</param>
/// <param name="Publisher">Address of the folder that holds the files.</param>
/// <param name="ClassNames">What the classes are, in order.</param>
/// <param name="Digests">MD5 of each file there, in the order of <see cref="Files"/>, as the publisher or torchvision gives them.</param>
public sealed record ImageFiles(string Name, Uri Publisher, IReadOnlyList<string> ClassNames, IReadOnlyList<string> Digests)
{
    /// <summary>Training images, training labels, test images, test labels: IDX files, .gz or plain.</summary>
    public static IReadOnlyList<string> Files { get; } =
        ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"];

    /// <summary>60,000 and 10,000 handwritten digits of 28×28 pixels.</summary>
    /// <remarks>Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits".</remarks>
    public static ImageFiles Mnist { get; } = new("mnist", new Uri("https://ossci-datasets.s3.amazonaws.com/mnist/"),
        ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        ["f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432", "9fb629c4189551a2d022fa330f9573f3", "ec29112dd5afa0611ce80d1b7f02629c"]);

    /// <summary>60,000 and 10,000 articles of clothing of 28×28 pixels.</summary>
    /// <remarks>Source: Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747.</remarks>
    public static ImageFiles FashionMnist { get; } = new("fashion-mnist", new Uri("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
        ["8d4fb7e6c68d591d4c3dfef9ec88bf0d", "25c81989df183df01b3e8a0aad5dffbe", "bef4ecab320f06d8554ea6380940ec79", "bb300cfdad3c16e7a12a480ee83cd310"]);

    /// <summary>Reads the images and labels from a folder that holds the four files.</summary>
    /// <exception cref="FileNotFoundException">One of them is not there.</exception>
    /// <exception cref="DataFormatException">One of them is not valid.</exception>
    public static (LabelledImages Train, LabelledImages Test) Read(string folder)
    {
        string[] paths = [.. Files.Select(name => Find(folder, name)
            ?? throw new FileNotFoundException($"The folder {folder} lacks {name}. It needs {string.Join(", ", Files)}, with or without .gz."))];
        return (LabelledImages.ReadIdx(paths[0], paths[1]), LabelledImages.ReadIdx(paths[2], paths[3]));
    }

    /// <summary>Whether a folder holds the four files.</summary>
    public static bool AreIn(string folder) => Files.All(name => Find(folder, name) is not null);

    private static string? Find(string folder, string name)
    {
        string zipped = Path.Combine(folder, name), plain = Path.ChangeExtension(zipped, null);
        return File.Exists(zipped) ? zipped : File.Exists(plain) ? plain : null;
    }
}
