using System.Text;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Text;

public class WordVectorsTests
{
    /// <summary>man, woman, king, queen and far from them apple: axes of sex and rank.</summary>
    private static readonly WordVectors Royal = new(["man", "woman", "king", "queen", "apple", "nothing"],
        Tensor.From([1f, 0, 0, -1, 0, 0, 1, 5, 0, -1, 5, 0, 0, 0, 9, 0, 0, 0], [6, 3]));

    [Test]
    public void Vectors_StayAsTheyWere_WhereTheModelGoesOn()
    {
        var table = new Embedding(2, 3, new Rng(1));
        var vectors = new WordVectors(["a", "b"], table.Parameters[0].Value);
        float[] before = vectors["a"];
        table.Parameters[0].CopyFrom(Tensor.Zeros([2, 3]));
        Assert.That(vectors["a"], Is.EqualTo(before));
    }

    [Test]
    public void Words_HaveTheirVectors()
    {
        Assert.That((Royal.Count, Royal.Size, Royal.IndexOf("king"), Royal.IndexOf("prince")), Is.EqualTo((6, 3, 2, -1)));
        Assert.That(Royal["king"], Is.EqualTo(new float[] { 1, 5, 0 }));
        Assert.That((Royal.Contains("queen"), Royal.Contains("Queen")), Is.EqualTo((true, false)));
        Assert.That(() => Royal["prince"], Throws.TypeOf<KeyNotFoundException>().With.Message.Contains("'prince' among 6 words"));
    }

    [Test]
    public void Nearest_GoesByCosine_AndLeavesTheWordOut()
    {
        var near = Royal.Nearest("king", 2);
        Assert.That(near.Select(n => n.Word), Is.EqualTo(new[] { "queen", "man" }));
        Assert.That(near[0].Cosine, Is.EqualTo(24 / 26.0).Within(1e-6));
        Assert.That(Royal.Nearest([0, 0, 2], 1)[0], Is.EqualTo(new WordNeighbour("apple", 1)));
        Assert.That(Royal.Nearest("king", 99), Has.Count.EqualTo(5));
        Assert.That(Royal.Nearest("nothing").Select(n => n.Cosine), Has.All.Zero);
        Assert.That(() => Royal.Nearest([1f, 2f]), Throws.TypeOf<ShapeException>().With.Message.Contains("2 numbers"));
    }

    [Test]
    public void Analogy_IsBMinusAPlusC_WithoutTheThree()
        => Assert.That(Royal.Analogy("man", "king", "woman", 1)[0].Word, Is.EqualTo("queen"));

    [Test]
    public void Words_RefuseWhatDoesNotFit()
    {
        Assert.That(() => new WordVectors(["a"], Tensor.Ones([2, 3])), Throws.TypeOf<ShapeException>());
        Assert.That(() => new WordVectors(["a", "a"], Tensor.Ones([2, 3])), Throws.ArgumentException.With.Message.Contains("word 0 and word 1"));
        Assert.That(() => new WordVectors(["a", ""], Tensor.Ones([2, 3])), Throws.ArgumentException.With.Message.Contains("Word 1 is empty"));
        Assert.That(() => new WordVectors(["a"], Tensor.Zeros([1, 3], dtype: DType.Int32)), Throws.TypeOf<DTypeException>());
    }

    [Test]
    public void ToEmbedding_HasTheVectorsThatAreHere_AndDrawsTheOthers()
    {
        string[] tokens = [Vocabulary.PaddingToken, Vocabulary.UnknownToken, "queen", "prince", "apple"];
        var layer = Royal.ToEmbedding(tokens, new Rng(1), paddingIndex: 0);
        float[] table = layer.Parameters[0].Value.ToArray();
        Assert.That(table[..3], Has.All.Zero);
        Assert.That(table[6..9], Is.EqualTo(Royal["queen"]));
        Assert.That(table[12..15], Is.EqualTo(Royal["apple"]));
        double bound = Math.Sqrt(3 * Variance(Royal.Vectors.ToArray()));
        Assert.That(table[3..6].Concat(table[9..12]).Select(Math.Abs), Has.All.GreaterThan(0).And.All.LessThanOrEqualTo(bound));
        Assert.That((layer.PaddingIndex, layer.Parameters[0].Trainable), Is.EqualTo(((int?)0, true)));
        Assert.That(Royal.ToEmbedding(tokens, new Rng(1), frozen: true).Parameters[0].Trainable, Is.False);
        Assert.That(Royal.ToEmbedding(["x", "y"], new Rng(1), unknown: Init.Constant(7)).Parameters[0].Value.ToArray(), Has.All.EqualTo(7f));
        Assert.That(Royal["queen"], Is.EqualTo(new float[] { -1, 5, 0 }), "a copy");

        static double Variance(float[] numbers) => numbers.Average(v => v * v) - Math.Pow(numbers.Average(), 2);
    }
}

public class WordVectorFilesTests
{
    private static readonly string[] Odd = ["the", "don't", "1.5", "é\u00A0ü", "日本", "👍🏽", "<unk>", "\"", "#", "\t", "\u0085", ".", "-0"];

    private TemporaryFolder folder = null!;

    [SetUp]
    public void Make() => folder = new TemporaryFolder();

    [TearDown]
    public void Clean() => folder.Dispose();

    private string Put(string text) => Put(System.Text.Encoding.UTF8.GetBytes(text));

    private string Put(byte[] bytes)
    {
        string path = Path.Combine(folder.Path, "vectors");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static WordVectors Some(int size = 7) => new(Odd, Tensor.Normal([Odd.Length, size], new Rng(1), deviation: 1e-3));

    [Test]
    public void Files_ComeBackToTheBit([Values] WordVectorFormat format, [Values(1, 7, 300)] int size)
    {
        var vectors = Some(size);
        string path = Path.Combine(folder.Path, "vectors");
        vectors.Write(path, format);
        var read = WordVectors.Read(path, format);
        Assert.That(read.Words, Is.EqualTo(vectors.Words));
        Assert.That(read.Vectors.ToArray(), Is.EqualTo(vectors.Vectors.ToArray()));
    }

    [Test]
    public void Files_ArePublishedFormats()
    {
        var vectors = new WordVectors(["a", "bc"], Tensor.From([1f, -0.5f, 1e-7f, 3f], [2, 2]));
        string path = Path.Combine(folder.Path, "vectors");
        vectors.Write(path, WordVectorFormat.GloVe);
        Assert.That(File.ReadAllText(path), Is.EqualTo("a 1 -0.5\nbc 1E-07 3\n"));
        vectors.Write(path, WordVectorFormat.Word2VecText);
        Assert.That(File.ReadAllText(path), Is.EqualTo("2 2\na 1 -0.5\nbc 1E-07 3\n"));
        vectors.Write(path, WordVectorFormat.Word2VecBinary);
        Assert.That(File.ReadAllBytes(path), Is.EqualTo((byte[])[.. "2 2\na "u8, 0, 0, 128, 63, 0, 0, 0, 191, .. "\nbc "u8, 0x95, 0xBF, 0xD6, 0x33, 0, 0, 64, 64, 10]));
    }

    [Test]
    public void Read_TakesWhatOtherProgramsWrite()
    {
        // Spaces at the ends of lines, \r\n, a word with a space in it, exponents; and vectors that no line end parts.
        var text = WordVectors.Read(Put("2 2 \r\nnew york 1.0 -2e-1 \r\n. . 3 4 \r\n"), WordVectorFormat.Word2VecText);
        Assert.That(text.Words, Is.EqualTo(new[] { "new york", ". ." }));
        Assert.That(text.Vectors.ToArray(), Is.EqualTo(new[] { 1, -0.2f, 3, 4 }));
        var binary = WordVectors.Read(Put([.. "2 1\na "u8, 0, 0, 128, 63, .. "b "u8, 0, 0, 0, 64]), WordVectorFormat.Word2VecBinary);
        Assert.That(binary.Vectors.ToArray(), Is.EqualTo(new float[] { 1, 2 }));
    }

    [Test]
    public void Read_KeepsWhatIsWanted()
    {
        string path = Path.Combine(folder.Path, "vectors");
        foreach (var format in Enum.GetValues<WordVectorFormat>())
        {
            Some().Write(path, format);
            var read = WordVectors.Read(path, format, word => word is "日本" or "the");
            Assert.That(read.Words, Is.EqualTo(new[] { "the", "日本" }));
            Assert.That(read["日本"], Is.EqualTo(Some()["日本"]));
        }
    }

    [TestCase("", "the file is empty")]
    [TestCase("a 1 2\nb 1\n", "line 2: it has 1 numbers, and the lines before it 2. Is the first line")]
    [TestCase("a 1 2\nb 1 2\nc 1 2 3\n", "line 3: it has more numbers than the 2 of the lines before it.")]
    [TestCase("a 1 2\nb 1 x\n", "line 2: 'x' is not a finite number")]
    [TestCase("a 1 2\nb NaN 2\n", "line 2: 'NaN' is not a finite number")]
    [TestCase("a 1 2\nb 1e99 2\n", "line 2: '1e99' is not a finite number")]
    [TestCase("a 1 2\nb 1  2\n", "line 2: '' is not a finite number")]
    [TestCase("a 1 2\nb 1 2\na 3 4\n", "line 3: the word 'a' came before")]
    [TestCase("a 1 2\n 1 2\n", "line 2: there is no word before the numbers")]
    [TestCase("a 1 2\n\nb 1 2\n", "line 2: it has 0 numbers")]
    [TestCase("word\n", "line 1: it has no numbers")]
    [TestCase("2 2\na 1 2\nb 1 2\n", "line 2: it has more numbers than the 1 of the lines before it. Is the first line")]
    public void Read_GloVe_NamesTheLineAtFault(string text, string problem) => Refused(Put(text), WordVectorFormat.GloVe, problem);

    [TestCase("", "the file is empty")]
    [TestCase("a 1 2\n", "line 1: 'a 1 2' is not a count of words")]
    [TestCase("0 3\n", "line 1: '0 3' is not a count of words")]
    [TestCase("2147483647 300\na 1\n", "line 2: it has 1 numbers, and the first line tells of 300")]
    [TestCase("1 9000000000000\na 1\n", "line 2: it has 1 numbers, and the first line tells of 9000000000000")]
    [TestCase("9000000000000 1\na 1\n", "line 2: the file ends here, after 1 of the 9000000000000 words")]
    [TestCase("2 2\n", "line 1: the file ends here, and is to have 2 words")]
    [TestCase("2 2\na 1 2\n", "line 2: the file ends here, after 1 of the 2 words")]
    [TestCase("2 2\na 1 2\nb 1 2\nc 1 2\n", "line 4: it is one line more than the 2 words")]
    [TestCase("2 2\na 1 2\nb 1\n", "line 3: it has 1 numbers")]
    [TestCase("2 2\na 1 2\na 1 2\n", "line 3: the word 'a' came before")]
    public void Read_Word2VecText_NamesTheLineAtFault(string text, string problem) => Refused(Put(text), WordVectorFormat.Word2VecText, problem);

    [Test]
    public void Read_TextThatIsNotUtf8_NamesThePlace()
        => Refused(Put([.. "a 1 2\n"u8, 0xE9, .. " 1 2\n"u8]), WordVectorFormat.GloVe, "byte 6: the line that begins here is not utf-8");

    [Test]
    public void Read_Binary_NamesTheWordAtFault()
    {
        byte[] one = [0, 0, 128, 63], nan = [0, 0, 192, 127];
        Refused(Put(""), WordVectorFormat.Word2VecBinary, "the file is empty");
        Refused(Put("words"), WordVectorFormat.Word2VecBinary, "the file ends within a first line");
        Refused(Put("a 1\n"), WordVectorFormat.Word2VecBinary, "byte 0: 'a 1' is not a count of words");
        foreach (string size in new[] { "400", "900000000", "9000000000000" }) Refused(Put([.. Encoding.UTF8.GetBytes($"1 {size}\na "), .. one]), WordVectorFormat.Word2VecBinary, $"too small for a vector of the {size} numbers");
        Refused(Put([.. "9000000000000 1\na "u8, .. one]), WordVectorFormat.Word2VecBinary, "the file ends after 1 of 9000000000000 words");
        Refused(Put([.. "2 1\na "u8, .. one, .. "\n"u8]), WordVectorFormat.Word2VecBinary, "the file ends after 1 of 2 words");
        Refused(Put([.. "2 1\na "u8, .. one, .. "\nb"u8]), WordVectorFormat.Word2VecBinary, "the file ends within word 2");
        Refused(Put([.. "2 1\na "u8, .. one, .. "\nb "u8, 0, 0]), WordVectorFormat.Word2VecBinary, "the file ends within the vector of word 2 of 2, 'b'");
        Refused(Put([.. "2 1\na "u8, .. one, .. "\na "u8, .. one]), WordVectorFormat.Word2VecBinary, "byte 10: word 2: the word 'a' came before");
        Refused(Put([.. "2 1\na "u8, .. one, .. "\nb "u8, .. nan]), WordVectorFormat.Word2VecBinary, "word 2: number 1 of 'b' is NaN");
        Refused(Put([.. "1 1\n"u8, 0xE9, .. " "u8, .. one]), WordVectorFormat.Word2VecBinary, "byte 4: word 1 is not UTF-8");
        Refused(Put([.. "1 1\na "u8, .. one, .. "\nb"u8]), WordVectorFormat.Word2VecBinary, "the file goes on after the 1 words");
        Refused(Put([.. "1 1\n"u8, .. new byte[70_000].Select(_ => (byte)'x')]), WordVectorFormat.Word2VecBinary, "word 1 does not end within 65,536 bytes");
    }

    [Test]
    public void Write_RefusesWhatTheFormatsCannotHold_AndLeavesWhatWasThere()
    {
        string path = Put("before");
        foreach (string word in new[] { "new york", "a\nb", "a\rb" })
            Assert.That(() => new WordVectors([word], Tensor.Ones([1, 2])).Write(path, WordVectorFormat.GloVe), Throws.ArgumentException.With.Message.Contains("a space or a line end"));
        Assert.That(() => new WordVectors(["\uD800"], Tensor.Ones([1, 2])).Write(path, WordVectorFormat.GloVe), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => new WordVectors(["a"], Tensor.Full([1, 2], double.NaN)).Write(path, WordVectorFormat.GloVe), Throws.ArgumentException.With.Message.Contains("'a' has NaN"));
        Assert.That(() => Some().Write(path, WordVectorFormat.GloVe, cancel: new CancellationToken(true)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(File.ReadAllText(path), Is.EqualTo("before"));
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public void Read_ReportsAndStops([Values] WordVectorFormat format)
    {
        string path = Path.Combine(folder.Path, "vectors");
        new WordVectors(Enumerable.Range(0, 2500).Select(i => $"w{i}"), Tensor.Ones([2500, 2])).Write(path, format);
        var told = new List<int>();
        WordVectors.Read(path, format, progress: new Told(told));
        Assert.That(told, Is.EqualTo(new[] { 1000, 2000 }));
        Assert.That(() => WordVectors.Read(path, format, cancel: new CancellationToken(true)), Throws.InstanceOf<OperationCanceledException>());
    }

    private sealed class Told(List<int> told) : IProgress<int>
    {
        public void Report(int value) => told.Add(value);
    }

    private static void Refused(string path, WordVectorFormat format, string problem)
        => Assert.That(() => WordVectors.Read(path, format), Throws.TypeOf<DataFormatException>().With.Message.Contains(problem));
}
