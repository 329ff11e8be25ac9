using System.Formats.Tar;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class CifarFilesTests
{
    private TemporaryFolder folder = null!;

    [SetUp]
    public void Make() => folder = new TemporaryFolder();

    [TearDown]
    public void Drop() => folder.Dispose();

    /// <summary>Records whose pixels are all the record's number.</summary>
    private static byte[] Records(params byte[][] labels)
        => [.. labels.SelectMany((label, i) => label.Concat(Enumerable.Repeat((byte)i, 3072)))];

    [Test]
    public void Read10_OfSeveralFiles_JoinsThem()
    {
        string a = folder.Write("a.bin", Records([3], [9])), b = folder.Write("b.bin.gz", IdxFileTests.Zip(Records([0])));
        var images = CifarFiles.Read10(a, b);
        Assert.That((images.Count, images.Channels, images.Height, images.Width), Is.EqualTo((3, 3, 32, 32)));
        Assert.That(images.Labels.ToArray(), Is.EqualTo(new byte[] { 3, 9, 0 }));
        Assert.That(images.Pixels(1).ToArray(), Is.All.EqualTo(1));
        Assert.That(images.Pixels(2).ToArray(), Is.All.EqualTo(0));
    }

    [Test]
    public void Read100_GivesTheFineOrTheCoarseClasses()
    {
        string path = folder.Write("train.bin", Records([19, 99], [0, 42]));
        Assert.That(CifarFiles.Read100(paths: path).Labels.ToArray(), Is.EqualTo(new byte[] { 99, 42 }));
        Assert.That(CifarFiles.Read100(coarse: true, path).Labels.ToArray(), Is.EqualTo(new byte[] { 19, 0 }));
    }

    [TestCase(0, 0)]
    [TestCase(1, 1)]
    [TestCase(3072, 3072)]
    [TestCase(3074, 3074)]
    [TestCase(6145, 6145)]
    public void ALengthThatIsNoMultiple_IsRefused(int length, int offset)
    {
        foreach (bool zipped in new[] { false, true })
        {
            byte[] bytes = Records([1], [2])[..length];
            string path = folder.Write("a.bin", zipped ? IdxFileTests.Zip(bytes) : bytes);
            var error = Assert.Throws<DataFormatException>(() => CifarFiles.Read10(path))!;
            Assert.That((error.File, error.Offset), Is.EqualTo((path, (long)offset)));
            Assert.That(error.Message, Does.Contain("3073 bytes"));
        }
    }

    [Test]
    public void ALabelThatIsNoClass_IsRefused()
    {
        var error = Assert.Throws<DataFormatException>(() => CifarFiles.Read10(folder.Write("a.bin", Records([1], [10]))))!;
        Assert.That(error.Offset, Is.EqualTo(3073));
        Assert.That(error.Message, Does.Contain("record 1 is 10").And.Contain("10 classes"));
        Assert.That(() => CifarFiles.Read100(paths: folder.Write("b.bin", Records([0, 100]))), Throws.TypeOf<DataFormatException>().With.Property("Offset").EqualTo(1));
        Assert.That(() => CifarFiles.Read100(coarse: true, folder.Write("c.bin", Records([20, 0]))), Throws.TypeOf<DataFormatException>().With.Property("Offset").EqualTo(0));
    }

    [Test]
    public void NoFile_OrADamagedGzip_IsATypedError()
    {
        Assert.That(() => CifarFiles.Read10(folder.File("none")), Throws.TypeOf<FileNotFoundException>());
        Assert.That(() => CifarFiles.Read10(), Throws.ArgumentException);
        byte[] zipped = IdxFileTests.Zip(Records([1], [2], [3]));
        Assert.That(() => CifarFiles.Read10(folder.Write("a.gz", zipped[..^12])), Throws.TypeOf<DataFormatException>());
    }

    private void Six(string where)
    {
        Directory.CreateDirectory(folder.File(where));
        foreach (string name in CifarFiles.TrainNames10) File.WriteAllBytes(Path.Combine(folder.File(where), name), Records([(byte)(name[^5] - '0')]));
        File.WriteAllBytes(Path.Combine(folder.File(where), CifarFiles.TestName10), Records([9], [8]));
    }

    [TestCase("")]
    [TestCase("cifar-10-batches-bin")]
    public void AFolder_GivesBothParts(string below)
    {
        Six(Path.Combine("data", below));
        var (train, test) = CifarFiles.ReadFolder10(folder.File("data"));
        Assert.That(train.Labels.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3, 4, 5 }));
        Assert.That(test.Labels.ToArray(), Is.EqualTo(new byte[] { 9, 8 }));
        Assert.That(new DataFolders { Named = folder.File("data") }.Find(DatasetCatalog.Cifar10), Is.EqualTo(folder.File("data")));
    }

    [Test]
    public void ThePublishersArchive_NeedsNotBeUnpacked()
    {
        Six("cifar-10-batches-bin");
        using var tar = new MemoryStream();
        TarFile.CreateFromDirectory(folder.File("cifar-10-batches-bin"), tar, includeBaseDirectory: true);
        Directory.CreateDirectory(folder.File("data"));
        string archive = folder.Write("data/cifar-10-binary.tar.gz", IdxFileTests.Zip(tar.ToArray()));
        var (train, test) = CifarFiles.ReadFolder10(folder.File("data"));
        Assert.That(train.Labels.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3, 4, 5 }), "in the order of their names, whatever the archive's");
        Assert.That(test.Count, Is.EqualTo(2));
        folder.Write("data/cifar-10-binary.tar.gz", IdxFileTests.Zip(tar.ToArray()[..9000]));
        Assert.That(() => CifarFiles.ReadFolder10(folder.File("data")), Throws.TypeOf<DataFormatException>().With.Message.Contains(archive));
        folder.Write("data/cifar-10-binary.tar.gz", "no tar at all, but long enough to be one"u8.ToArray());
        Assert.That(() => CifarFiles.ReadFolder10(folder.File("data")), Throws.TypeOf<DataFormatException>());
        Assert.That(() => CifarFiles.ReadFolder10(folder.File("nowhere")), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("cifar-10-binary.tar.gz"));
    }

    [Test]
    public void TheRealFiles_AreRead_AndStreamToTheSame()
    {
        string root = Path.Combine(Environment.GetEnvironmentVariable("ENGINE_DATA") ?? "", "cifar10"), test = Path.Combine(root, "test_1000.bin"), train = Path.Combine(root, "train_10000.bin.gz");
        if (!File.Exists(test) || !File.Exists(train))
        {
            Assert.Ignore("cifar10/test_1000.bin or train_10000.bin.gz: ENGINE_DATA names no folder that has them.");
            return;
        }
        var images = CifarFiles.Read10(test, train);
        Assert.That(images.Count, Is.EqualTo(11_000));
        // Near a thousand of each class, and the mean that the literature gives for red, green and blue: .491, .482, .447.
        Assert.That(images.Labels.ToArray().CountBy(label => label).Select(pair => pair.Value), Has.Exactly(10).InRange(950, 1250));
        double[] sums = new double[3];
        for (int i = 0; i < images.Count; i++)
            for (int c = 0; c < 3; c++) foreach (byte value in images.Pixels(i).Slice(c * 1024, 1024)) sums[c] += value;
        Assert.That(sums.Select(sum => sum / 255 / 1024 / images.Count), Is.EqualTo(new[] { .491, .482, .447 }).Within(.01));

        var size = new ImageSize(3, 32, 32);
        var collator = new MapCollator<FileRecord, LabelledImage>((record, _) => new LabelledImage(record.Bytes[1..], size, record.Bytes.Span[0]), new ImageCollator());
        var streamed = new StreamLoader<FileRecord>(new RecordFiles([test, train], 3073), collator, 100, workers: 2).Epoch(0, Device.Cpu);
        var whole = new DataLoader<LabelledImage>(images, new ImageCollator(), 100).Epoch(0, Device.Cpu);
        int batches = 0;
        foreach (var (a, b) in streamed.Zip(whole).Take(30))
        {
            Assert.That(a.Targets.ToArray<int>(), Is.EqualTo(b.Targets.ToArray<int>()));
            Assert.That(a.Inputs.ToArray().AsSpan().SequenceEqual(b.Inputs.ToArray()));
            batches++;
        }
        Assert.That(batches, Is.EqualTo(30));
    }
}
