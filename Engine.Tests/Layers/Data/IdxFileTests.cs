using System.Buffers.Binary;
using System.IO.Compression;
using CsCheck;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class IdxFileTests
{
    private TemporaryFolder folder = null!;

    [SetUp]
    public void Make() => folder = new TemporaryFolder();

    [TearDown]
    public void Drop() => folder.Dispose();

    internal static byte[] Idx(int[] sizes, byte[] data, byte type = 8)
    {
        var bytes = new byte[4 + 4 * sizes.Length + data.Length];
        (bytes[2], bytes[3]) = (type, (byte)sizes.Length);
        for (int i = 0; i < sizes.Length; i++) BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 + 4 * i), sizes[i]);
        data.CopyTo(bytes, 4 + 4 * sizes.Length);
        return bytes;
    }

    internal static byte[] Zip(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var zip = new GZipStream(target, CompressionLevel.Fastest)) zip.Write(bytes);
        return target.ToArray();
    }

    private static byte[] Ramp(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)i)];

    [Test]
    public void Read_PlainOrZipped_GivesSizesAndBytes([Values] bool zipped, [Values(0, 1, 5, 70_000)] int count)
    {
        byte[] bytes = Idx([count, 2, 15], Ramp(count * 30));
        var file = IdxFile.Read(folder.Write("images", zipped ? Zip(bytes) : bytes));
        Assert.That(file.Sizes, Is.EqualTo(new[] { count, 2, 15 }));
        Assert.That(file.Data.AsSpan().SequenceEqual(Ramp(count * 30)));
    }

    [TestCase(0, "within its header")]
    [TestCase(3, "within its header")]
    [TestCase(10, "within its header")]
    [TestCase(16, "cut short")]
    [TestCase(45, "cut short")]
    public void Read_ATruncatedFile_SaysWhereItEnds(int length, string says)
    {
        byte[] bytes = Idx([3, 2, 5], Ramp(30))[..length];
        foreach (string path in new[] { folder.Write("a", bytes), folder.Write("a.gz", Zip(bytes)) })
        {
            var error = Assert.Throws<DataFormatException>(() => IdxFile.Read(path));
            Assert.That(error!.Message, Does.Contain(says).And.Contain(path));
            Assert.That((error.File, error.Offset), Is.EqualTo((path, (long)length)));
        }
    }

    [Test]
    public void Read_ATruncatedOrDamagedGzip_IsATypedError()
    {
        byte[] zipped = Zip(Idx([300, 2, 5], Ramp(3000)));
        Assert.That(() => IdxFile.Read(folder.Write("a.gz", zipped[..^20])), Throws.TypeOf<DataFormatException>());
        for (int i = 10; i < 40; i++) zipped[i] ^= 0x55;
        Assert.That(() => IdxFile.Read(folder.Write("b.gz", zipped)), Throws.TypeOf<DataFormatException>());
    }

    [Test]
    public void Read_ExtraBytes_AreRefused()
        => Assert.That(() => IdxFile.Read(folder.Write("a", [.. Idx([2, 2, 5], Ramp(20)), 0])), Throws.TypeOf<DataFormatException>().With.Message.Contains("more bytes"));

    [Test]
    public void Read_AnotherKindOfFile_IsRefused()
    {
        Assert.That(() => IdxFile.Read(folder.Write("a", "PNG or so"u8.ToArray())), Throws.TypeOf<DataFormatException>().With.Message.Contains("two zero bytes"));
        Assert.That(() => IdxFile.Read(folder.Write("a", Idx([1], Ramp(4), type: 0x0D))), Throws.TypeOf<DataFormatException>().With.Message.Contains("0x0D"));
        Assert.That(() => IdxFile.Read(folder.Write("a", Idx([], []))), Throws.TypeOf<DataFormatException>().With.Message.Contains("no axes"));
        Assert.That(() => IdxFile.Read(folder.File("none")), Throws.TypeOf<FileNotFoundException>());
    }

    [TestCase(0x09, "signed bytes")]
    [TestCase(0x0B, "16-bit integers")]
    [TestCase(0x0C, "32-bit integers")]
    [TestCase(0x0D, "32-bit floats")]
    [TestCase(0x0E, "64-bit floats")]
    [TestCase(0x0A, "does not know")]
    public void Read_AnotherType_IsRefusedByName(byte type, string name)
    {
        var error = Assert.Throws<DataFormatException>(() => IdxFile.Read(folder.Write("a", Idx([1], Ramp(8), type))))!;
        Assert.That(error.Message, Does.Contain(name).And.Contain($"0x{type:X2}"));
        Assert.That(error.Offset, Is.EqualTo(2));
    }

    [Test]
    public void Read_AHeaderThatLiesAboutGigabytes_CostsNothing()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => IdxFile.Read(folder.Write("a", Idx([2_000_000_000], Ramp(100)))), Throws.TypeOf<DataFormatException>().With.Message.Contains("cut short"));
        Assert.That(() => IdxFile.Read(folder.Write("a", Idx([60_000, 65_536, 65_536], Ramp(100)))), Throws.TypeOf<DataFormatException>().With.Message.Contains("over the"));
        Assert.That(() => IdxFile.Read(folder.Write("a", Idx([-1], Ramp(100)))), Throws.TypeOf<DataFormatException>().With.Message.Contains("4294967295"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(10 << 20));
    }

    [Test]
    public void Read_AValidFileWithBytesChanged_ReadsOrIsRefused()
    {
        byte[] whole = Zip(Idx([9, 2, 5], Ramp(90)));
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Array[1, 3].Sample(changes =>
        {
            byte[] bytes = [.. whole];
            foreach (var (at, value) in changes) bytes[at] = value;
            try
            {
                IdxFile.Read(folder.Write("a", bytes));
            }
            catch (DataFormatException)
            {
            }
        }, iter: 2000, threads: 1);
    }

    [Test]
    public void ReadIdx_FilesThatDoNotBelongTogether_AreRefused()
    {
        string images = folder.Write("images", Idx([3, 2, 5], Ramp(30))), labels = folder.Write("labels", Idx([3], [1, 0, 9]));
        Assert.That(LabelledImages.ReadIdx(images, labels).Count, Is.EqualTo(3));
        Assert.That(() => LabelledImages.ReadIdx(images, folder.Write("l", Idx([2], [1, 0]))), Throws.TypeOf<DataFormatException>().With.Message.Contains("2 labels"));
        Assert.That(() => LabelledImages.ReadIdx(images, folder.Write("l", Idx([3], [1, 10, 0]))), Throws.TypeOf<DataFormatException>().With.Message.Contains("label 1 is 10").And.Property("Offset").EqualTo(9));
        Assert.That(() => LabelledImages.ReadIdx(labels, labels), Throws.TypeOf<DataFormatException>().With.Message.Contains("file of labels"));
        Assert.That(() => LabelledImages.ReadIdx(images, images), Throws.TypeOf<DataFormatException>().With.Message.Contains("file of images"));
    }

    [Test]
    public void Batch_ScalesPixelsAndKeepsOrder()
    {
        var images = LabelledImages.ReadIdx(folder.Write("images", Idx([3, 1, 2], [0, 255, 51, 102, 1, 2])), folder.Write("labels", Idx([3], [7, 8, 9])));
        var (x, y) = images.Batch([2, 0]);
        Assert.That(x.Shape.ToString(), Is.EqualTo("(2, 1, 1, 2)"));
        Assert.That(x.ToArray(), Is.EqualTo(new[] { 1 / 255f, 2 / 255f, 0, 1 }));
        Assert.That(y.ToArray<int>(), Is.EqualTo(new[] { 9, 7 }));
        Assert.That(() => images.Batch([3]), Throws.TypeOf<IndexException>());
        Assert.That(images.Take(2).Count, Is.EqualTo(2));
        Assert.That(images.Take(9), Is.SameAs(images));
        Assert.That(images.Batch([]).Images.Count, Is.Zero);
    }
}
