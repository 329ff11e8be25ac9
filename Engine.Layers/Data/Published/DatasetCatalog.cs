namespace Engine.Layers;

/// <summary>Published data sets that the examples and lessons use. Sizes and digests are those that the publisher gives, or that several libraries
/// which download the file check it by; where a digest is null, none was known for a fact.</summary>
public static class DatasetCatalog
{
    private static readonly string[] IdxNames = ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"];

    /// <summary>60,000 and 10,000 handwritten digits.</summary>
    /// <remarks>Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits". The digests are those that torchvision checks.</remarks>
    public static PublishedDataset Mnist { get; } = new("mnist", "60,000 training and 10,000 test images of handwritten digits, grey, 28×28, in 10 classes",
        new("http://yann.lecun.com/exdb/mnist/"), "CC BY-SA 3.0, as commonly given; the publisher's page names none",
        Idx("https://ossci-datasets.s3.amazonaws.com/mnist/", [9912422, 28881, 1648877, 4542],
            ["f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432", "9fb629c4189551a2d022fa330f9573f3", "ec29112dd5afa0611ce80d1b7f02629c"]))
    {
        ClassNames = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    };

    /// <summary>60,000 and 10,000 articles of clothing.</summary>
    /// <remarks>Source: Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747. The digests are those of the publisher's README.</remarks>
    public static PublishedDataset FashionMnist { get; } = new("fashion-mnist", "60,000 training and 10,000 test images of clothes, grey, 28×28, in 10 classes",
        new("https://github.com/zalandoresearch/fashion-mnist"), "MIT",
        Idx("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/", [26421880, 29515, 4422102, 5148],
            ["8d4fb7e6c68d591d4c3dfef9ec88bf0d", "25c81989df183df01b3e8a0aad5dffbe", "bef4ecab320f06d8554ea6380940ec79", "bb300cfdad3c16e7a12a480ee83cd310"]))
    {
        ClassNames = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
    };

    /// <summary>50,000 and 10,000 photographs in ten classes.</summary>
    /// <remarks>Source: Krizhevsky 2009, "Learning multiple layers of features from tiny images". The MD5 is on the publisher's page.</remarks>
    public static PublishedDataset Cifar10 { get; } = new("cifar10", "50,000 training and 10,000 test photographs, colour, 32×32, in 10 classes",
        new("https://www.cs.toronto.edu/~kriz/cifar.html"), "none given; the publisher asks to be cited",
        [new("cifar-10-binary.tar.gz", [new("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz")], 170_052_171, Digest.Md5("c32a1d4ab5d03f1284b67883e8d87530"))])
    {
        ClassNames = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
        Unpacked = [[.. CifarFiles.TrainNames10, CifarFiles.TestName10], [.. CifarFiles.TrainNames10.Append(CifarFiles.TestName10).Select(name => $"cifar-10-batches-bin/{name}")]],
        OtherNames = ["cifar-10"],
    };

    /// <summary>50,000 and 10,000 photographs in a hundred classes, which make twenty coarse ones.</summary>
    /// <remarks>Source: as for <see cref="Cifar10"/>. The archive's fine_label_names.txt names the classes.</remarks>
    public static PublishedDataset Cifar100 { get; } = new("cifar100", "50,000 training and 10,000 test photographs, colour, 32×32, in 100 fine and 20 coarse classes",
        new("https://www.cs.toronto.edu/~kriz/cifar.html"), "none given; the publisher asks to be cited",
        [new("cifar-100-binary.tar.gz", [new("https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz")], 168_513_733, Digest.Md5("03b5dce01913d631647c71ecec9e9cb8"))])
    {
        Unpacked = [[CifarFiles.TrainName100, CifarFiles.TestName100], [$"cifar-100-binary/{CifarFiles.TrainName100}", $"cifar-100-binary/{CifarFiles.TestName100}"]],
        OtherNames = ["cifar-100"],
    };

    /// <summary>25,000 and 25,000 film reviews, good and bad.</summary>
    /// <remarks>Source: Maas, Daly, Pham, Huang, Ng and Potts 2011, "Learning word vectors for sentiment analysis".</remarks>
    public static PublishedDataset Imdb { get; } = new("imdb", "25,000 training and 25,000 test film reviews in English, half of them positive, and 50,000 without a label",
        new("https://ai.stanford.edu/~amaas/data/sentiment/"), "none given; for research, and to be cited",
        [new("aclImdb_v1.tar.gz", [new("https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz")], 84_125_825,
            Digest.Sha256("c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe"))])
    {
        ClassNames = ["negative", "positive"],
        Unpacked = [["aclImdb/train/pos/0_9.txt", "aclImdb/test/neg/0_2.txt"], ["train/pos/0_9.txt", "test/neg/0_2.txt"]],
    };

    /// <summary>18,846 posts to twenty newsgroups, cut by date.</summary>
    /// <remarks>Source: Lang 1995, "NewsWeeder: learning to filter netnews". The mirror and the digest are those that scikit-learn uses.</remarks>
    public static PublishedDataset Newsgroups20 { get; } = new("20newsgroups", "11,314 training and 7,532 test posts in English to 20 newsgroups; the archive's folders name the classes",
        new("http://qwone.com/~jason/20Newsgroups/"), "none given; for research",
        [new("20news-bydate.tar.gz", [new("http://qwone.com/~jason/20Newsgroups/20news-bydate.tar.gz"), new("https://ndownloader.figshare.com/files/5975967")], null,
            Digest.Sha256("8f1b2514ca22a5ade8fbb9cfa5727df95fa587f4c87b786e15c759fa66d95610"))])
    {
        Unpacked = [["20news-bydate-train/alt.atheism/49960", "20news-bydate-test/alt.atheism/53068"]],
    };

    /// <summary>10,662 sentences of film reviews, good and bad.</summary>
    /// <remarks>Source: Pang and Lee 2005, "Seeing stars". No size and no digest are known for a fact.</remarks>
    public static PublishedDataset RtPolarity { get; } = new("rt-polarity", "5,331 positive and 5,331 negative sentences of film reviews in English, Latin-1",
        new("https://www.cs.cornell.edu/people/pabo/movie-review-data/"), "none given; to be cited",
        [new("rt-polaritydata.tar.gz", [new("https://www.cs.cornell.edu/people/pabo/movie-review-data/rt-polaritydata.tar.gz")])])
    {
        ClassNames = ["negative", "positive"],
        Unpacked = [["rt-polarity.neg", "rt-polarity.pos"], ["rt-polaritydata/rt-polarity.neg", "rt-polaritydata/rt-polarity.pos"]],
        OtherNames = ["text"],
    };

    /// <summary>5,452 and 500 questions, by what kind of answer they ask for.</summary>
    /// <remarks>Source: Li and Roth 2002, "Learning question classifiers". The digests are those that Hugging Face's data sets check.</remarks>
    public static PublishedDataset Trec { get; } = new("trec", "5,452 training and 500 test questions in English in 6 coarse and 50 fine classes, Latin-1; a line begins with COARSE:fine",
        new("https://cogcomp.seas.upenn.edu/Data/QA/QC/"), "none given",
        [new("train_5500.label", [new("https://cogcomp.seas.upenn.edu/Data/QA/QC/train_5500.label")], 335_858,
            Digest.Sha256("9e4c8bdcaffb96ed61041bd64b564183d52793a8e91d84fc3a8646885f466ec3")),
        new("TREC_10.label", [new("https://cogcomp.seas.upenn.edu/Data/QA/QC/TREC_10.label")], 23_354,
            Digest.Sha256("033f22c028c2bbba9ca682f68ffe204dc1aa6e1cf35dd6207f2d4ca67f0d0e8e"))])
    {
        ClassNames = ["ABBR", "DESC", "ENTY", "HUM", "LOC", "NUM"],
        Unpacked = [["TREC.train.all", "TREC.test.all"]],
        OtherNames = ["text"],
    };

    /// <summary>A million characters of plays.</summary>
    /// <remarks>Source: Karpathy 2015, char-rnn.</remarks>
    public static PublishedDataset TinyShakespeare { get; } = new("tinyshakespeare", "1,115,394 characters of Shakespeare's plays, ASCII",
        new("https://github.com/karpathy/char-rnn"), "public domain",
        [new("input.txt", [new("https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt")], 1_115_394,
            Digest.Sha256("86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"))]);

    /// <summary>Sentences in English and French.</summary>
    /// <remarks>Source: Tatoeba, by way of manythings.org. The publisher's archive grows, so it has neither size nor digest.</remarks>
    public static PublishedDataset EngFra { get; } = new("eng-fra", "pairs of sentences in English and French, tab-separated, with their authors",
        new("https://www.manythings.org/anki/"), "CC BY 2.0 FR",
        [new("fra-eng.zip", [new("https://www.manythings.org/anki/fra-eng.zip")])])
    {
        Unpacked = [["fra.txt"], ["eng-fra.txt"]],
        OtherNames = ["translation"],
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<PublishedDataset> All { get; } =
        [Mnist, FashionMnist, Cifar10, Cifar100, Imdb, Newsgroups20, RtPolarity, Trec, TinyShakespeare, EngFra];

    /// <summary>The one of this name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those that there are.</exception>
    public static PublishedDataset Get(string name)
        => All.FirstOrDefault(data => data.Name == name || (data.OtherNames.Contains(name) && All.Count(other => other.OtherNames.Contains(name)) == 1))
        ?? throw new ArgumentException($"There is no data set '{name}' in the catalogue. It has {string.Join(", ", All.Select(data => data.Name))}.", nameof(name));

    private static PublishedFile[] Idx(string folder, long[] bytes, string[] md5)
        => [.. IdxNames.Select((name, i) => new PublishedFile(name, [new Uri(folder + name)], bytes[i], Digest.Md5(md5[i])))];
}
