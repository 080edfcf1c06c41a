import ControlModel
import Foundation
import GRDB
import Storage

struct LoginStepTable {
    let connection: SQLConnection
    let tailnet: TailnetID

    func insert(_ step: LoginStep) throws {
        try connection.run(
            """
            INSERT INTO login_steps (tailnet, secret_hash, browser_hash, login, stage, deadline)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                tailnet.rawValue, step.secretHash, step.browserHash, step.login.rawValue,
                try JSONColumn.text(step.stage), step.deadline.timeIntervalSinceReferenceDate,
            ]
        )
    }

    /// Keeps the latest rounds of a login.
    func trim(_ login: LoginID, to limit: Int) throws {
        try connection.run(
            """
            DELETE FROM login_steps WHERE tailnet = ?1 AND login = ?2 AND sequence NOT IN (
                SELECT sequence FROM login_steps WHERE tailnet = ?1 AND login = ?2 ORDER BY sequence DESC LIMIT ?3
            )
            """,
            [tailnet.rawValue, login.rawValue, limit]
        )
    }

    func find(secretHash: Data, browserHash: Data, now: Date) throws -> LoginStep? {
        try reading("login step") {
            try connection.first(
                """
                SELECT login, stage, deadline FROM login_steps
                WHERE tailnet = ? AND secret_hash = ? AND browser_hash = ? AND deadline > ?
                """,
                [tailnet.rawValue, secretHash, browserHash, now.timeIntervalSinceReferenceDate]
            ) { row in
                guard let login = LoginID(try row.next(String.self)) else { throw row.unreadable(LoginID.self) }
                return LoginStep(
                    secretHash: secretHash,
                    login: login,
                    browserHash: browserHash,
                    stage: try row.json(),
                    deadline: try row.date()
                )
            }
        }
    }

    func delete(secretHash: Data) throws {
        try connection.run(
            "DELETE FROM login_steps WHERE tailnet = ? AND secret_hash = ?",
            [tailnet.rawValue, secretHash]
        )
    }

    func deleteEnded(by now: Date) throws {
        try connection.run(
            "DELETE FROM login_steps WHERE tailnet = ? AND deadline <= ?",
            [tailnet.rawValue, now.timeIntervalSinceReferenceDate]
        )
    }
}
