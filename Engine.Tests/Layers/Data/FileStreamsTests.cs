using System.Text;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class FileStreamsTests
{
    private TemporaryFolder folder = null!;

    [SetUp]
    public void Make() => folder = new TemporaryFolder();

    [TearDown]
    public void Drop() => folder.Dispose();

    private string Text(string name, string text, Encoding? encoding = null) => folder.Write(name, (encoding ?? new UTF8Encoding(false)).GetBytes(text));

    private static TextLine[] Lines(LineFiles files) => [.. files.Read(new Rng(1), default)];

    [TestCase("", new string[0])]
    [TestCase("a", new[] { "a" })]
    [TestCase("a\n", new[] { "a" })]
    [TestCase("a\r\n\r\nb\rc\n\n", new[] { "a", "", "b\rc", "" })]
    [TestCase("\uFEFFé\nü", new[] { "é", "ü" })]
    public void Lines_EndWhereTheyEnd(string text, string[] lines)
        => Assert.That(Lines(new LineFiles([Text("a", text)])).Select(line => line.Text), Is.EqualTo(lines));

    [Test]
    public void Lines_LongAndManyAndZipped_AreTheFiles()
    {
        var rng = new Rng(3);
        string[] lines = [.. Enumerable.Range(0, 300).Select(i => new string((char)('a' + i % 26), rng.NextInt(i % 10 == 0 ? 60_000 : 50)))];
        string plain = Text("a", string.Join('\n', lines)), zipped = folder.Write("b.gz", IdxFileTests.Zip(File.ReadAllBytes(plain)));
        var read = Lines(new LineFiles([plain, zipped], skipLines: 2));
        Assert.That(read.Select(line => line.Text), Is.EqualTo(lines[2..].Concat(lines[2..])));
        Assert.That((read[0].File, read[0].Number, read[^1].File, read[^1].Number), Is.EqualTo((plain, 3L, zipped, 300L)));
    }

    [Test]
    public void Lines_OfAnotherEncoding_AreRefused_OrReadByIt()
    {
        string path = Text("a", "ok\ncafé\n", Encoding.Latin1);
        var error = Assert.Throws<DataFormatException>(() => Lines(new LineFiles([path])))!;
        Assert.That((error.File, error.Offset), Is.EqualTo((path, 3L)));
        Assert.That(error.Message, Does.Contain("utf-8").And.Contain("Latin1"));
        Assert.That(Lines(new LineFiles([path], Encoding.Latin1))[1].Text, Is.EqualTo("café"));
        Assert.That(() => new LineFiles([path], Encoding.Unicode), Throws.ArgumentException.With.Message.Contains("utf-16"));
    }

    [Test]
    public void ALineWithoutEnd_IsRefused_BeforeItFillsTheMemory()
    {
        string path = folder.Write("a", [.. "ok\n"u8, .. new byte[50_000_000]]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<DataFormatException>(() => Lines(new LineFiles([path], longest: 100_000)))!;
        Assert.That(error.Offset, Is.EqualTo(3));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(2_000_000));
        Assert.That(Lines(new LineFiles([Text("b", "12345\n1234")], longest: 5)), Has.Length.EqualTo(2));
        Assert.That(() => Lines(new LineFiles([Text("b", "123456\n1234")], longest: 5)), Throws.TypeOf<DataFormatException>());
    }

    [Test]
    public void Records_AreCutAtTheirSize()
    {
        byte[] bytes = [.. Enumerable.Range(0, 14).Select(i => (byte)i)];
        string a = folder.Write("a", bytes), b = folder.Write("b.gz", IdxFileTests.Zip(bytes));
        var records = new RecordFiles([a, b], 4, headerBytes: 2).Read(new Rng(1), default).ToArray();
        Assert.That(records.Select(r => r.Bytes.Span[0]), Is.EqualTo(new byte[] { 2, 6, 10, 2, 6, 10 }));
        Assert.That((records[4].File, records[4].Number), Is.EqualTo((b, 1L)));
        var error = Assert.Throws<DataFormatException>(() => _ = new RecordFiles([a], 4).Read(new Rng(1), default).Count())!;
        Assert.That((error.File, error.Offset), Is.EqualTo((a, 14L)));
        Assert.That(error.Message, Does.Contain("record 3").And.Contain("2 of 4"));
        Assert.That(() => new RecordFiles([a], 4, headerBytes: 20).Read(new Rng(1), default).Count(), Throws.TypeOf<DataFormatException>().With.Message.Contains("header"));
        Assert.That(() => new RecordFiles([a, folder.File("none")], 4), Throws.TypeOf<FileNotFoundException>());
    }

    [Test]
    public void AnEpochsFiles_AreInAnOrderOfItsOwn()
    {
        string[] paths = [.. Enumerable.Range(0, 20).Select(i => folder.Write($"{i}", [(byte)i]))];
        var files = new RecordFiles(paths, 1, shuffleFiles: true);
        byte[] Read(ulong seed) => [.. files.Read(new Rng(seed), default).Select(r => r.Bytes.Span[0])];
        Assert.That(Read(1), Is.EqualTo(new Rng(1).Permutation(20)));
        Assert.That(Read(2), Is.Not.EqualTo(Read(1)));
    }

    [Test]
    public void CsvFiles_BecomeBatches_WhateverTheWorkers([Values(0, 3)] int workers)
    {
        string[] paths = [.. Enumerable.Range(0, 3).Select(f => Text($"{f}.csv", "x,y,class\n" + string.Concat(Enumerable.Range(0, 10).Select(i => $"{f}.5,{i},{i % 3}\n"))))];
        static LabelledExample Parse(TextLine line, Rng _)
        {
            string[] fields = CsvLine.Split(line.Text);
            return new LabelledExample(new[] { float.Parse(fields[0], System.Globalization.CultureInfo.InvariantCulture), float.Parse(fields[1], System.Globalization.CultureInfo.InvariantCulture) }, int.Parse(fields[2], System.Globalization.CultureInfo.InvariantCulture));
        }
        var loader = new StreamLoader<TextLine>(new LineFiles(paths, skipLines: 1, shuffleFiles: true), new MapCollator<TextLine, LabelledExample>(Parse, new ClassCollator([2])), 7, seed: 1, shuffleBuffer: 8, workers: workers);
        float[] seen = [.. loader.Epoch(0, Device.Cpu).SelectMany(batch => batch.Inputs.ToArray())];
        Assert.That(seen.Chunk(2).Select(pair => (pair[0], pair[1])), Is.EquivalentTo(from f in Enumerable.Range(0, 3) from i in Enumerable.Range(0, 10) select (f + .5f, (float)i)));
        Text("1.csv", "x,y,class\n1.5,2,none\n");
        var error = Assert.Throws<DataLoadException>(() => _ = loader.Epoch(0, Device.Cpu).Count())!;
        Assert.That((error.Index is not null, error.InnerException is FormatException), Is.EqualTo((true, true)));
        DataThreads.RequireNone();
    }

    [TestCase("a,b", new[] { "a", "b" })]
    [TestCase("", new[] { "" })]
    [TestCase("a,", new[] { "a", "" })]
    [TestCase("\"a,b\",c", new[] { "a,b", "c" })]
    [TestCase("x,\"say \"\"yes\"\"\",", new[] { "x", "say \"yes\"", "" })]
    [TestCase("\"\"", new[] { "" })]
    [TestCase("a\"b,c", new[] { "a\"b", "c" })]
    public void CsvLine_IsCutAtItsSeparators(string line, string[] fields) => Assert.That(CsvLine.Split(line), Is.EqualTo(fields));

    [TestCase("a,\"b", "column 3")]
    [TestCase("\"a\"b,c", "Column 4")]
    public void CsvLine_ThatIsNone_IsRefused(string line, string says) => Assert.That(() => CsvLine.Split(line), Throws.TypeOf<FormatException>().With.Message.Contains(says));
}
