using System.Formats.Tar;
using System.Text;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class TextFilesTests
{
    private TemporaryFolder folder = null!;

    [SetUp]
    public void Make() => folder = new TemporaryFolder();

    [TearDown]
    public void Drop() => folder.Dispose();

    internal static byte[] Tar(params (string Name, byte[] Bytes)[] files)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, leaveOpen: true))
            foreach (var (name, data) in files) tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(data) });
        return bytes.ToArray();
    }

    private void Put(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
        folder.Write(name, Encoding.UTF8.GetBytes(text));
    }

    [Test]
    public void AFolder_IsReadInOrder_AndBelow()
    {
        Put("b/2.txt", "two");
        Put("b/10.txt", "ten");
        Put("a/é.txt", "\uFEFFune");
        Put("c.txt", "");
        folder.Write("a/z.gz", IdxFileTests.Zip("zipped"u8.ToArray()));
        Directory.CreateSymbolicLink(folder.File("a/loop"), folder.Path);
        Assert.That(TextFiles.ReadFolder(folder.Path).Select(one => (one.Name, one.Text)), Is.EqualTo(new[] { ("a/z.gz", "zipped"), ("a/é.txt", "une"), ("b/10.txt", "ten"), ("b/2.txt", "two"), ("c.txt", "") }));
        Assert.That(TextFiles.ReadFolder(folder.Path, name => name.StartsWith("b/", StringComparison.Ordinal)).Count(), Is.EqualTo(2));
        Assert.That(() => TextFiles.ReadFolder(folder.File("none")), Throws.TypeOf<DirectoryNotFoundException>());
    }

    [TestCase(true)]
    [TestCase(false)]
    public void AnArchive_GivesWhatItsFolderWould(bool zipped)
    {
        byte[] tar = Tar(("x/b/2.txt", "two"u8.ToArray()), ("./x/a/1.txt", "one"u8.ToArray()), ("x/a/empty", []));
        string path = folder.Write("some.tar", zipped ? IdxFileTests.Zip(tar) : tar);
        Assert.That(TextFiles.ReadArchive(path).Select(one => (one.Name, one.Text)), Is.EqualTo(new[] { ("x/b/2.txt", "two"), ("x/a/1.txt", "one"), ("x/a/empty", "") }));
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Has.Length.EqualTo(1), "nothing is unpacked");
        var texts = LabelledTexts.ByFolder(TextFiles.ReadArchive(path));
        Assert.That((texts.ClassNames, texts.Count), Is.EqualTo((new[] { "a", "b" }, 3)));
        Assert.That(Enumerable.Range(0, 3).Select(i => texts.Get(i, new Rng(1)).Class), Is.EqualTo(new[] { 1, 0, 0 }));
    }

    [TestCase("../evil.txt")]
    [TestCase("a/../../evil.txt")]
    [TestCase("/etc/evil.txt")]
    [TestCase("..\\evil.txt")]
    [TestCase("C:/evil.txt")]
    public void ANameThatClimbsOut_IsRefused(string name)
    {
        string path = folder.Write("evil.tar.gz", IdxFileTests.Zip(Tar(("good.txt", "good"u8.ToArray()), (name, "evil"u8.ToArray()))));
        Assert.That(() => TextFiles.ReadArchive(path).Count(), Throws.TypeOf<DataFormatException>().With.Message.Contains(name).And.Message.Contains(path));
    }

    [Test]
    public void ACutArchive_IsRefused_WhereverItIsCut([Values] bool zipped)
    {
        byte[] random = [.. Enumerable.Range(0, 3000).Select(i => (byte)('a' + new Rng(7).Split((ulong)i).NextInt(26)))];
        byte[] tar = Tar(("a/1.txt", random), ("a/2.txt", random));
        byte[] whole = zipped ? IdxFileTests.Zip(tar) : tar;
        int end = zipped ? whole.Length - 9 : 512 + 3072 + 512 + 3000 + 2 * 1024;      // pax headers come before each
        for (int at = 1; at < end; at += zipped ? 97 : 331)
        {
            if (!zipped && at % 512 == 0) continue;
            string path = folder.Write("cut.tar", whole[..at]);
            Assert.That(() => TextFiles.ReadArchive(path).Count(), Throws.InstanceOf<DataFormatException>(), $"cut at {at} of {whole.Length}");
        }
        Assert.That(TextFiles.ReadArchive(folder.Write("whole.tar", whole)).Count(), Is.EqualTo(2));
    }

    [Test]
    public void WhatIsNoArchive_IsRefused()
    {
        foreach (byte[] bytes in new[] { [], "plain text, and not much of it"u8.ToArray(), new byte[2048], IdxFileTests.Zip([]), [0x1F, 0x8B, 1, 2, 3] })
        {
            string path = folder.Write("no.tar.gz", bytes);
            Assert.That(() => TextFiles.ReadArchive(path).Count(), Throws.InstanceOf<DataFormatException>().With.Message.Contains(path), $"{bytes.Length} bytes");
        }
        Assert.That(() => TextFiles.ReadArchive(folder.File("none")), Throws.TypeOf<FileNotFoundException>());
    }

    [Test]
    public void InvalidUtf8_NamesFileAndByte_AndLatin1IsReadOnRequest()
    {
        byte[] latin = Encoding.Latin1.GetBytes("un café\n");
        Directory.CreateDirectory(folder.File("t"));
        string plain = folder.Write("t/a.txt", latin), archive = folder.Write("a.tar", Tar(("t/a.txt", latin)));
        var error = Assert.Throws<DataFormatException>(() => _ = TextFiles.ReadFolder(folder.File("t")).Count())!;
        Assert.That((error.File, error.Offset), Is.EqualTo((plain, 6L)));
        Assert.That(error.Message, Does.Contain("utf-8").And.Contain("Latin1"));
        error = Assert.Throws<DataFormatException>(() => _ = TextFiles.ReadArchive(archive).Count())!;
        Assert.That((error.File, error.Offset), Is.EqualTo(($"{archive}:t/a.txt", 6L)));
        Assert.That(TextFiles.ReadArchive(archive, encoding: Encoding.Latin1).Single().Text, Is.EqualTo("un café\n"));
        error = Assert.Throws<DataFormatException>(() => _ = TextFiles.ReadArchive(folder.Write("b.tar", Tar(("b", [0xEF, 0xBB, 0xBF, 0x61, 0xC3])))).Count())!;
        Assert.That(error.Offset, Is.EqualTo(4), "a character cut in two, behind the mark");
    }

    [Test]
    public void AFileThatIsTooLong_IsRefused()
    {
        string path = folder.Write("a.tar.gz", IdxFileTests.Zip(Tar(("a", new byte[40_000_000]))));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => TextFiles.ReadArchive(path, longest: 100_000).Count(), Throws.TypeOf<DataFormatException>().With.Message.Contains("100,000"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(2_000_000));
        Directory.CreateDirectory(folder.File("t"));
        folder.Write("t/b", new byte[20_000]);
        Assert.That(TextFiles.ReadFolder(folder.File("t"), longest: 20_000).Single().Text, Has.Length.EqualTo(20_000));
        Assert.That(() => TextFiles.ReadFolder(folder.File("t"), longest: 19_999).Count(), Throws.TypeOf<DataFormatException>());
    }

    [Test]
    public void LabelledTexts_AreSampled_AndCutToTheirFirstClasses()
    {
        var texts = LabelledTexts.ByFolder(Enumerable.Range(0, 60).Select(i => new TextDocument($"{i}", $"x/{(char)('a' + i / 20)}/{i}")));
        Assert.That(texts.FirstClasses(2).Texts, Is.EqualTo(Enumerable.Range(0, 40).Select(i => $"{i}")));
        var sample = texts.Sample(30, new Rng(1));
        Assert.That((sample.Count, sample.ClassNames), Is.EqualTo((30, texts.ClassNames)));
        Assert.That(sample.Texts.Select(int.Parse), Is.Ordered.And.Unique);
        Assert.That(sample.Texts, Is.EqualTo(texts.Sample(30, new Rng(1)).Texts).And.Not.EqualTo(texts.Sample(30, new Rng(2)).Texts));
        Assert.That(texts.Sample(60, new Rng(1)), Is.SameAs(texts));
        Assert.That(() => LabelledTexts.ByFolder([new("text", "alone.txt")]), Throws.TypeOf<DataFormatException>().With.Message.Contains("alone.txt"));
        Assert.That(LabelledTexts.ByFolder([new("a", "good/1"), new("b", "unsup/2"), new("c", "bad/3")], ["bad", "good"]).Texts, Is.EqualTo(new[] { "a", "c" }));
        Assert.That(() => new LabelledTexts([new("a", 2)], ["x", "y"]), Throws.ArgumentException.With.Message.Contains("class 2"));
    }

    [Test]
    public void LabelledTexts_BecomeBatches()
    {
        var texts = new LabelledTexts([new("good film", 1), new("a bad bad film", 0)], ["bad", "good"]);
        var tokenizer = WordTokenizer.Build(texts.Texts, WordSplit.Keras);
        var encoded = texts.Encode(tokenizer);
        var batch = new DataLoader<LabelledTokens>(Datasets.From(encoded), new SequenceCollator(), 2).Epoch(0, Device.Cpu).Single();
        Assert.That(batch.Inputs.ToArray<int>(), Is.EqualTo(new[] { 5, 3, 0, 0, 4, 2, 2, 3 }));
        Assert.That((batch.Targets.ToArray<int>(), batch.Lengths), Is.EqualTo((new[] { 1, 0 }, new[] { 2, 4 })));
    }
}
